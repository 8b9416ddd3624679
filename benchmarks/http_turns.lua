-- Sends the documents of a folder by turns.
-- Arguments: folder, number of documents, and what the body of an answer has to hold. With the last, every answer is
-- looked at, which costs this program more where answers are longer; without it only their status and length are.
local thread_of_all

function setup(thread)
  thread_of_all = thread
end

function init(args)
  good, turn, count = 0, 0, tonumber(args[2])
  requests = {}
  for number = 0, count - 1 do
    local file = assert(io.open(args[1] .. "/document-" .. number .. ".json", "rb"))
    requests[number] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, file:read("*a"))
    file:close()
  end
  expected = args[3]
  if expected then
    response = look
  end
end

function request()
  turn = (turn + 1) % count
  return requests[turn]
end

function look(status, headers, body)
  if status == 200 and string.find(body, expected, 1, true) then
    good = good + 1
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format("answers: %d, failed: %d, bytes: %d\n", summary.requests, failed, summary.bytes))
  if thread_of_all:get("expected") then
    io.write(string.format("as expected: %d\n", thread_of_all:get("good")))
  end
end
