-- Sends the documents of a folder by turns, and counts the answers that are as expected.
-- Arguments: folder, number of documents, what the body of the answer has to hold.
local thread_of_all

function setup(thread)
  thread_of_all = thread
end

function init(args)
  good, bad, turn, count = 0, 0, 0, tonumber(args[2])
  expected = args[3]
  requests = {}
  for number = 0, count - 1 do
    local file = assert(io.open(args[1] .. "/document-" .. number .. ".json", "rb"))
    requests[number] = wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, file:read("*a"))
    file:close()
  end
end

function request()
  turn = (turn + 1) % count
  return requests[turn]
end

function response(status, headers, body)
  if status == 200 and string.find(body, expected, 1, true) then
    good = good + 1
  else
    bad = bad + 1
  end
end

function done(summary, latency, requests)
  io.write(string.format("answers: %d as expected, %d not\n", thread_of_all:get("good"), thread_of_all:get("bad")))
end
