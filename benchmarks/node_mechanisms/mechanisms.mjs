// Times how Digital Bazaar's packages and @sd-jwt/core sign and verify one credential, by mechanism.
// node mechanisms.mjs <input.json>; the input holds
//   {contexts: {url: document}, unsigned, mandatory, signed: {mechanism: credential}, sdJwt: {claims, disclosable, token, issuer}}
// where `signed` and `token` are what the other side made, and `issuer` is its public JWK. Prints milliseconds.
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import jsigs from 'jsonld-signatures'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import { cryptosuite as eddsa } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'
import { cryptosuite as ecdsa } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite'
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite'
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite'
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey'
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey'
import * as Bls from '@digitalbazaar/bls12-381-multikey'
import { driver } from '@digitalbazaar/did-method-key'
import { contexts as multikeyContexts } from '@digitalbazaar/multikey-context'
import { SDJwtInstance } from '@sd-jwt/core'

const { contexts, unsigned, mandatory, signed, sdJwt } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const known = new Map([...Object.entries(contexts), ...multikeyContexts])
const didKey = driver()
didKey.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from })
didKey.use({ multibaseMultikeyHeader: 'zDna', fromMultibase: EcdsaMultikey.from })
didKey.use({ multibaseMultikeyHeader: 'zUC7', fromMultibase: (key) => Bls.from({ type: 'Multikey', ...key }) })
const documentLoader = jsigs.extendContextLoader(async (url) => {
  const document = known.get(url) ?? (url.startsWith('did:key:') ? await didKey.get({ url }) : undefined)
  if (document === undefined) throw new Error(`not at hand: ${url}`)
  return { contextUrl: null, documentUrl: url, document }
})

const SUITES = {
  'eddsa-rdfc-2022': { generate: () => Ed25519Multikey.generate(), toSign: () => eddsa, toVerify: () => eddsa },
  'ecdsa-rdfc-2019': { generate: () => EcdsaMultikey.generate({ curve: 'P-256' }), toSign: () => ecdsa, toVerify: () => ecdsa },
  'ecdsa-sd-2023': {
    generate: () => EcdsaMultikey.generate({ curve: 'P-256' }),
    toSign: () => sd.createSignCryptosuite({ mandatoryPointers: mandatory }),
    toVerify: () => sd.createVerifyCryptosuite()
  },
  'bbs-2023': {
    generate: () => Bls.generateBbsKeyPair({ algorithm: 'BBS-BLS12-381-SHA-256' }),
    toSign: () => bbs.createSignCryptosuite({ mandatoryPointers: mandatory }),
    toVerify: () => bbs.createVerifyCryptosuite()
  }
}

// As `measure` of run.py does it: all cases in turns, in slices of `SLICE` milliseconds, and the least of all turns.
const ROUNDS = 30
const SLICE = 20
const WARM = 400

async function measure(cases) {
  const taken = []
  for (const [, , run] of cases) {
    const start = performance.now()
    let times = 0
    do { await run(); times++ } while (performance.now() - start < WARM)
    taken.push({ number: Math.max(1, Math.round(SLICE * times / WARM)), least: Infinity })
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, , run]] of cases.entries()) {
      const { number } = taken[index]
      const start = performance.now()
      for (let call = 0; call < number; call++) await run()
      taken[index].least = Math.min(taken[index].least, (performance.now() - start) / number)
    }
  }
  const answers = {}
  for (const [index, [mechanism, operation]] of cases.entries()) {
    answers[mechanism] = { ...answers[mechanism], [operation]: taken[index].least }
  }
  return answers
}

const cases = []
for (const [name, suite] of Object.entries(SUITES)) {
  const key = await suite.generate()
  const { publicKeyMultibase } = await key.export({ publicKey: true })
  key.controller = `did:key:${publicKeyMultibase}`
  key.id = `${key.controller}#${publicKeyMultibase}`
  const document = { ...unsigned, issuer: { ...unsigned.issuer, id: key.controller } }
  const purpose = () => new jsigs.purposes.AssertionProofPurpose()
  cases.push([name, 'sign', () =>
    jsigs.sign(structuredClone(document), {
      suite: new DataIntegrityProof({ signer: key.signer(), cryptosuite: suite.toSign() }), purpose: purpose(), documentLoader
    })])
  cases.push([name, 'verify', async () => {
    const done = await jsigs.verify(structuredClone(signed[name]), {
      suite: new DataIntegrityProof({ cryptosuite: suite.toVerify() }), purpose: purpose(), documentLoader
    })
    if (!done.verified) throw done.error
  }])
}

const P1363 = { dsaEncoding: 'ieee-p1363' }
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuer = createPublicKey({ key: sdJwt.issuer, format: 'jwk' })
class Instance extends SDJwtInstance {
  type = 'dc+sd-jwt'
}
const instance = new Instance({
  hasher: (data, algorithm) => new Uint8Array(createHash(algorithm.replace('-', '')).update(data).digest()),
  hashAlg: 'sha-256',
  saltGenerator: (length) => randomBytes(length).toString('base64url'),
  signer: (data) => sign('sha256', Buffer.from(data), { key: own.privateKey, ...P1363 }).toString('base64url'),
  signAlg: 'ES256',
  verifier: (data, signature) => verify('sha256', Buffer.from(data), { key: issuer, ...P1363 }, Buffer.from(signature, 'base64url'))
})
cases.push(['dc+sd-jwt', 'sign', () => instance.issue(structuredClone(sdJwt.claims), { _sd: sdJwt.disclosable })])
cases.push(['dc+sd-jwt', 'verify', () => instance.verify(sdJwt.token)])
console.log(JSON.stringify({ node: process.version, milliseconds: await measure(cases) }))
