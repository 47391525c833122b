-- wrk script: requests random paths of a file as many readers. `wrk … -- PATHS_FILE [HEADER VALUE]…`
local paths, headers, requests, max_prepared = {}, {}, {}, 20000
local browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 reader/"

local function build_request(i)
   headers["User-Agent"] = browser .. i
   return wrk.format("GET", paths[(i - 1) % #paths + 1], headers)
end

function init(args)
   for line in io.lines(args[1]) do paths[#paths + 1] = line end
   for i = 2, #args - 1, 2 do headers[args[i]] = args[i + 1] end
   math.randomseed(os.time())
   -- Requests are built in advance if possible, so that wrk uses as little CPU time as it can.
   if #paths <= max_prepared then
      for i = 1, max_prepared do requests[i] = build_request(i) end
   end
end

function request()
   return requests[math.random(max_prepared)] or build_request(math.random(#paths))
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format("RESULT %d %d %d %.0f %.0f\n", summary.requests, summary.duration,
      errors.status + errors.connect + errors.read + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
