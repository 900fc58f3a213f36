// What the page has: the runs as they came, with their columns unpacked into typed arrays, and the rows
// to draw. Times are nanoseconds since the run's first event.

const LABEL_WIDTH = 190;
const RULER = 24;  // the height of the line with the times
const ROW = {cpu: 22, thread: 24, coroutine: 18, chart: 26, head: 22};

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return await new Response(stream).arrayBuffer();
}

const ARRAYS = {f64: Float64Array, u32: Uint32Array, u8: Uint8Array};

// A column's place, [type, where, how many], becomes the array itself; everything else stays.
function withColumns(value, buffer) {
  if (Array.isArray(value)) {
    if (value.length === 3 && value[0] in ARRAYS) return new ARRAYS[value[0]](buffer, value[1], value[2]);
    return value.map((each) => withColumns(each, buffer));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withColumns(each, buffer)]));
  }
  return value;
}

// The first place whose value is above `limit`, in an ascending column, not before `from`.
function firstAbove(column, limit, from = 0) {
  let low = from, high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] > limit) high = middle; else low = middle + 1;
  }
  return low;
}

// How much of the spans' time lies before each of them: tells how full a stretch of time is.
function sumsOf(spans) {
  const sums = new Float64Array(spans.start.length + 1);
  for (let i = 0; i < spans.start.length; ++i) sums[i + 1] = sums[i] + spans.end[i] - spans.start[i];
  return sums;
}

function prepare(run) {
  run.threadOf = new Map(run.threads.map((thread) => [thread.id, thread]));
  for (const spans of [...run.cpus, ...run.threads.map((thread) => thread.calls)]) spans.sums = sumsOf(spans);
  for (const each of [...run.threads, ...run.coroutines]) each.states.sums = sumsOf(each.states);
  // The wake-ups in the order in which the woken began to run: to find the one behind a span.
  const order = Uint32Array.from(run.wakes.runs, (_, i) => i);
  order.sort((a, b) => run.wakes.runs[a] - run.wakes.runs[b]);
  run.wakes.order = order;
  run.wakes.sorted = Float64Array.from(order, (i) => run.wakes.runs[i]);
}

// The wake-up that made the thread run at that time; -1 if there was none.
function wakeBefore(run, thread, time) {
  const {order, sorted} = run.wakes;
  for (let i = firstAbove(sorted, time - 0.5); i < sorted.length && sorted[i] <= time + 0.5; ++i) {
    if (run.wakes.thread[order[i]] === thread) return order[i];
  }
  return -1;
}

function rowsOf(run) {
  const rows = [{kind: "head", title: run.about.command || "a run", run}];
  run.cpus.forEach((spans, cpu) => {
    rows.push({kind: "cpu", title: `CPU ${cpu}`, run, cpu, spans});
    if (run.queued[cpu].when.length) {
      rows.push({kind: "chart", title: "  waiting threads", run, points: run.queued[cpu]});
    }
  });
  if (run.memory.when.length) rows.push({kind: "chart", title: "free pages", run, points: run.memory});
  let process = -1;
  for (const thread of run.threads) {
    if (thread.process !== process) {
      process = thread.process;
      const name = process ? `process ${process}: ${run.processes[process] || "?"}` : "the kernel's own threads";
      rows.push({kind: "head", title: name, run, process});
      for (const coroutine of run.coroutines) {
        if (coroutine.process === process) rows.push({kind: "coroutine", title: coroutine.title, run, coroutine});
      }
    }
    rows.push({kind: "thread", title: thread.title, run, thread});
  }
  let top = 0;
  for (const row of rows) {
    row.top = top;
    row.height = ROW[row.kind];
    top += row.height;
  }
  return rows;
}

function duration(ns) {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
    if (Math.abs(ns) >= size) return `${(ns / size).toFixed(3)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}
