// Times canonicalisation and proof verification of Digital Bazaar's packages for one signed credential.
// node peer.mjs <input.json>; the input holds {contexts: {url: document}, signed: credential}. Prints milliseconds.
import { readFileSync } from 'node:fs'
import jsonld from 'jsonld'
import jsigs from 'jsonld-signatures'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey'
import { driver } from '@digitalbazaar/did-method-key'
import { contexts as multikeyContexts } from '@digitalbazaar/multikey-context'

const { contexts, signed } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const known = new Map([...Object.entries(contexts), ...multikeyContexts])
const didKey = driver()
didKey.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from })
const documentLoader = jsigs.extendContextLoader(async (url) => {
  const document = known.get(url) ?? (url.startsWith('did:key:') ? await didKey.get({ url }) : undefined)
  if (document === undefined) throw new Error(`not at hand: ${url}`)
  return { contextUrl: null, documentUrl: url, document }
})
const { proof, ...unsigned } = signed

async function canonise() {
  return jsonld.canonize(unsigned, { algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: true })
}
async function verify() {
  const suite = new DataIntegrityProof({ cryptosuite })
  const purpose = new jsigs.purposes.AssertionProofPurpose()
  const result = await jsigs.verify(structuredClone(signed), { suite, purpose, documentLoader })
  if (!result.verified) throw result.error
}
async function best(run) {
  for (let warm = 0; warm < 50; warm++) await run()
  let least = Infinity
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    for (let times = 0; times < 10; times++) await run()
    least = Math.min(least, (performance.now() - start) / 10)
  }
  return least
}
const form = await canonise()
console.log(JSON.stringify({ canonicalise: await best(canonise), verify: await best(verify), form, node: process.version }))
