-- What wrk sends: a random path of a file, as one of many readers. `wrk … -- PATHS [HEADER VALUE]…`
local paths, headers, ready, most = {}, {}, {}, 20000
local browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 reader/"

local function prepared(i)
   headers["User-Agent"] = browser .. i
   return wrk.format("GET", paths[(i - 1) % #paths + 1], headers)
end

function init(args)
   for line in io.lines(args[1]) do paths[#paths + 1] = line end
   for i = 2, #args - 1, 2 do headers[args[i]] = args[i + 1] end
   math.randomseed(os.time())
   -- Put together beforehand where that is possible, so that wrk has as little to do as it can.
   if #paths <= most then
      for i = 1, most do ready[i] = prepared(i) end
   end
end

function request()
   return ready[math.random(most)] or prepared(math.random(#paths))
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format("RESULT %d %d %d %.0f %.0f\n", summary.requests, summary.duration,
      errors.status + errors.connect + errors.read + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
