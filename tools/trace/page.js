// The page itself: what is shown of the rows, and what mouse and keys do with it. `weft` is there for
// the curious, and for the tests.

const weft = {ready: null, runs: [], rows: [], view: {from: 0, to: 1, top: 0}, frames: []};

const element = (id) => document.getElementById(id);
let painter, overlay, frameAsked = false, held = null, hovered = null, matches = [], match = -1;

// ---- The view ----------------------------------------------------------------------------------------

function longest() { return Math.max(1, ...weft.runs.map((run) => run.length)); }

function show(from, to) {
  const least = 20, most = longest() * 1.02;
  const length = Math.min(Math.max(to - from, least), most);
  from = Math.min(Math.max(from, -0.01 * most), most - length);
  Object.assign(weft.view, {from, to: from + length});
  ask();
}

function showAll() { show(0, longest()); }

function zoom(factor, x = (LABEL_WIDTH + painter.width) / 2) {
  const {from, to} = weft.view;
  const at = from + (Math.max(x, LABEL_WIDTH) - LABEL_WIDTH) / painter.scale;
  show(at - (at - from) * factor, at + (to - at) * factor);
}

function pan(share) {
  const {from, to} = weft.view, step = (to - from) * share;
  show(from + step, to + step);
}

function scroll(pixels) {
  const last = weft.rows.at(-1), most = Math.max(0, last.top + last.height - painter.height + RULER);
  weft.view.top = Math.min(Math.max(0, weft.view.top + pixels), most);
  ask();
}

function ask() {
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(frame);
}

function frame() {
  frameAsked = false;
  const began = performance.now();
  painter.draw(weft.rows, weft.view);
  drawArrows();
  weft.frames.push({steps: painter.steps, milliseconds: performance.now() - began});
  if (weft.frames.length > 1000) weft.frames.shift();
}

// ---- What is under the mouse ---------------------------------------------------------------------------

function rowAt(y) {
  const place = y - RULER + weft.view.top;
  return y < RULER ? null : weft.rows.find((row) => place >= row.top && place < row.top + row.height) ?? null;
}

function spanIn(spans, time) {
  const i = firstAbove(spans.end, time);
  return i < spans.start.length && spans.start[i] <= time ? i : -1;
}

// What happened on a row at a time: a text, and the run of the thread or coroutine that it belongs to.
function at(row, time) {
  if (!row) return null;
  if (row.kind === "cpu") {
    const i = spanIn(row.spans, time);
    if (i < 0) return null;
    const thread = row.spans.what[i], title = row.run.threadOf.get(thread)?.title ?? `thread ${thread}`;
    return {row, thread, start: row.spans.start[i], end: row.spans.end[i], text: `${title} on CPU ${row.cpu}`};
  }
  if (row.kind === "thread" || row.kind === "coroutine") {
    const it = row.thread ?? row.coroutine, i = spanIn(it.states, time);
    if (i < 0) return null;
    const state = row.run.stateNames[it.states.what[i]], object = it.states.object[i];
    let text = `${it.title}: ${state}`;
    if (object && state !== "Running") text += ` for 0x${object.toString(16)}`;
    if (object && state === "Running") text += ` on ${row.run.threadOf.get(object)?.title ?? `thread ${object}`}`;
    if (row.thread) {
      const call = spanIn(it.calls, time);
      if (call >= 0) text += `\nin ${row.run.calls[it.calls.what[call]]}, ${duration(it.calls.end[call] - it.calls.start[call])}`;
      const mark = firstAbove(it.marks.when, time) - 1;
      const near = 4 / painter.scale;
      if (mark >= 0 && time - it.marks.when[mark] < near) text += `\n${it.marks.texts[mark]}`;
    }
    return {row, thread: it.id, start: it.states.start[i], end: it.states.end[i], state, text};
  }
  if (row.kind === "chart") {
    const i = firstAbove(row.points.when, time) - 1;
    return i < 0 ? null : {row, start: time, end: time, text: `${row.title.trim()}: ${row.points.value[i]}`};
  }
  return null;
}

// Of a thread or a coroutine: both have numbers, and none is the same.
function rowOf(run, number) {
  return weft.rows.find((row) => row.run === run && (row.thread ?? row.coroutine)?.id === number);
}

// The arrow that ends where this span begins, and those that begin in it.
function arrowsOf(span) {
  if (!span || span.thread === undefined) return [];
  const {wakes} = span.row.run, arrows = [];
  const into = span.row.kind === "cpu" || span.state === "Running" ? wakeBefore(span.row.run, span.thread, span.start) : -1;
  if (into >= 0) arrows.push(into);
  if (span.row.kind !== "cpu" && span.state !== "Running") return arrows;
  for (let i = firstAbove(wakes.when, span.start - 0.5); i < wakes.when.length && wakes.when[i] <= span.end; ++i) {
    if (wakes.by[i] === span.thread) arrows.push(i);
    if (arrows.length > 200) break;
  }
  return arrows;
}

function drawArrows() {
  const ratio = window.devicePixelRatio || 1, canvas = overlay.canvas;
  canvas.width = painter.width * ratio;
  canvas.height = painter.height * ratio;
  overlay.setTransform(ratio, 0, 0, ratio, 0, 0);
  overlay.strokeStyle = overlay.fillStyle = painter.colours.mark;
  overlay.lineWidth = 1.5;
  const span = held ?? hovered;
  for (const wake of arrowsOf(span)) {
    const {run} = span.row, {wakes} = run;
    const from = rowOf(run, wakes.by[wake]), to = rowOf(run, wakes.thread[wake]);
    if (!to) continue;
    const y = (row) => row.top - weft.view.top + RULER + row.height / 2;
    const x1 = painter.x(wakes.when[wake], weft.view), x2 = painter.x(wakes.runs[wake], weft.view);
    arrow(x1, from ? y(from) : y(to) - 16, x2, y(to));
  }
}

function arrow(x1, y1, x2, y2) {
  overlay.beginPath();
  overlay.moveTo(x1, y1);
  overlay.bezierCurveTo(x1 + 20, y1, x2 - 30, y2, x2, y2);
  overlay.stroke();
  overlay.beginPath();
  overlay.moveTo(x2, y2);
  overlay.lineTo(x2 - 7, y2 - 4);
  overlay.lineTo(x2 - 7, y2 + 4);
  overlay.fill();
}

function point(event) {
  const box = painter.canvas.getBoundingClientRect(), tip = element("tip");
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const time = weft.view.from + (x - LABEL_WIDTH) / painter.scale;
  hovered = x < LABEL_WIDTH ? null : at(rowAt(y), time);
  tip.hidden = !hovered;
  if (hovered) {
    const lasted = hovered.end > hovered.start ? `\n${duration(hovered.start)} + ${duration(hovered.end - hovered.start)}` : "";
    tip.textContent = hovered.text + lasted;
    tip.style.left = `${Math.min(x + 14, painter.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${Math.min(y + 16, painter.height - tip.offsetHeight - 4)}px`;
  }
  drawArrows();
}

// ---- Search --------------------------------------------------------------------------------------------

// Rows by their titles, calls by their names, events by their texts. The places come in order of time.
function search(words) {
  matches = [];
  match = -1;
  const wanted = words.trim().toLowerCase(), most = 10000;
  for (const row of weft.rows) {
    row.found = wanted !== "" && (row.thread || row.coroutine) && row.title.toLowerCase().includes(wanted);
    row.foundCalls = null;
    if (row.found) matches.push({row, time: null});
    if (row.kind !== "thread" || wanted === "") continue;
    const {calls, marks} = row.thread;
    row.foundCalls = new Set(Object.entries(row.run.calls)
      .filter(([, name]) => name.includes(wanted)).map(([number]) => Number(number)));
    if (row.foundCalls.size) {
      for (let i = 0; i < calls.what.length && matches.length < most; ++i) {
        if (row.foundCalls.has(calls.what[i])) matches.push({row, time: calls.start[i]});
      }
    }
    for (let i = 0; i < marks.texts.length && matches.length < most; ++i) {
      if (marks.texts[i].toLowerCase().includes(wanted)) matches.push({row, time: marks.when[i]});
    }
  }
  matches.sort((a, b) => (a.time ?? -1) - (b.time ?? -1));
  element("found").textContent = wanted === "" ? "" : `${matches.length} found`;
  ask();
}

function nextMatch() {
  if (!matches.length) return;
  match = (match + 1) % matches.length;
  const {row, time} = matches[match], half = (weft.view.to - weft.view.from) / 2;
  element("found").textContent = `${match + 1} of ${matches.length}`;
  weft.view.top = 0;
  scroll(row.top - painter.height / 2);
  if (time !== null) show(time - half, time + half);
}

// ---- Tables --------------------------------------------------------------------------------------------

function cell(row, text, kind = "td") {
  const it = document.createElement(kind);
  it.textContent = text;
  row.append(it);
  return it;
}

// A click on a column's head sorts by it.
function table(heads, rows, most = 200) {
  const it = document.createElement("table"), head = it.createTHead().insertRow(), body = it.createTBody();
  const fill = () => {
    body.replaceChildren();
    for (const values of rows.slice(0, most)) {
      const row = body.insertRow();
      values.forEach((value) => {
        if (value instanceof Node) {
          const place = cell(row, "");
          place.className = "bar";
          place.append(value);
        } else {
          cell(row, typeof value === "object" ? duration(value.ns) : value);
        }
      });
    }
  };
  const key = (value) => value?.ns ?? value;
  heads.forEach((text, column) => {
    cell(head, text, "th").onclick = () => {
      rows.sort((a, b) => (key(a[column]) > key(b[column]) ? -1 : key(a[column]) < key(b[column]) ? 1 : 0));
      fill();
    };
  });
  fill();
  return it;
}

function shareBar(times) {
  const bar = document.createElement("span"), whole = Object.values(times).reduce((sum, each) => sum + each, 0);
  bar.className = "share";
  for (const [state, time] of Object.entries(times)) {
    const part = document.createElement("span");
    part.style.cssText = `width:${whole ? time / whole * 100 : 0}%;background:var(--${state})`;
    part.title = `${state} ${duration(time)}`;
    bar.append(part);
  }
  return bar;
}

function totalsOf(run) {
  const {totals} = run, ns = (value) => ({ns: value}), box = document.createElement("div");
  const add = (title, content) => {
    const head = document.createElement("h2");
    head.textContent = title;
    box.append(head, content);
  };
  add(run.about.command || "Run", table(["", ""], [
    ["Length", ns(run.length)], ["Events", run.events.toLocaleString("en")], ["Lost events", run.lost],
    ["Switches", totals.switches],
    ...totals.busy.map((time, cpu) => [`CPU ${cpu} busy`, `${(time / Math.max(1, run.length) * 100).toFixed(1)} %`]),
    ...Object.entries(totals.latency).map(([part, time]) => [`Wake-up to running, ${part} % within`, ns(time)])]));
  const states = ["Running", "Runnable", "Waiting", "Locked", "Sleeping"];
  add("Threads", table(["Thread", "Process", "", ...states, "Switches", "Calls"], totals.threads.map((thread) => [
    thread.title, thread.process || "", shareBar(thread.times), ...states.map((state) => ns(thread.times[state])),
    thread.switches, thread.calls])));
  if (totals.waits.length) {
    add("Waited for", table(["State", "Object", "Times", "In all"],
      totals.waits.map(([state, what, times, time]) => [state, what, times, ns(time)]), 50));
  }
  if (totals.calls.length) {
    add("System calls", table(["Call", "Times", "In all", "Mean"],
      totals.calls.map(([name, times, time]) => [name, times, ns(time), ns(time / times)]), 100));
  }
  return box;
}

function writeTexts() {
  element("about").textContent = weft.runs.map((run) =>
    `${run.about.cpus ?? run.cpus.length} CPUs, ${duration(run.length)}, ${run.events.toLocaleString("en")} events` +
    (run.lost ? `, ${run.lost.toLocaleString("en")} lost` : "")).join("  ·  ");
  for (const [name, text] of [["Running", "running"], ["Runnable", "could run"], ["Waiting", "waiting, parked"],
    ["Locked", "waiting for a lock"], ["Sleeping", "sleeping"], ["call", "in a system call"], ["mark", "an event"]]) {
    const box = document.createElement("i"), part = document.createElement("span");
    box.style.background = `var(--${name})`;
    part.append(box, text);
    element("legend").append(part);
  }
  const runs = document.createElement("div");
  runs.className = "runs";
  runs.append(...weft.runs.map(totalsOf));
  element("totals").append(runs);
}

// ---- Keys and mouse ------------------------------------------------------------------------------------

function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  painter.readColours();
  ask();
}

function toggleKeys() {
  const hidden = element("help").toggleAttribute("hidden");
  element("keys").setAttribute("aria-expanded", String(!hidden));
}

const KEYS = {
  w: () => zoom(0.7), s: () => zoom(1 / 0.7), a: () => pan(-0.2), d: () => pan(0.2), "+": () => zoom(0.7),
  "-": () => zoom(1 / 0.7), ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2),
  ArrowUp: () => scroll(-48), ArrowDown: () => scroll(48), PageUp: () => scroll(-painter.height * 0.8),
  PageDown: () => scroll(painter.height * 0.8), 0: showAll, Home: showAll, "/": () => element("search").focus(),
  t: () => setTheme(!painter.dark), "?": toggleKeys, Enter: nextMatch,
  Escape: () => { held = null; ask(); },
};

function listen() {
  const canvas = painter.canvas;
  let drag = null;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target === element("search")) {
      if (event.key === "Enter") nextMatch();
      if (event.key === "Escape") canvas.focus();
      return;
    }
    if (event.target instanceof HTMLButtonElement && event.key === "Enter") return;
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey) zoom(1.0015 ** event.deltaY, event.offsetX);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan((event.deltaX || event.deltaY) / 1000);
    else scroll(event.deltaY);
  }, {passive: false});
  canvas.addEventListener("pointerdown", (event) => {
    drag = {x: event.clientX, y: event.clientY, moved: false, ...weft.view};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return point(event);
    const x = event.clientX - drag.x, y = event.clientY - drag.y;
    drag.moved ||= Math.abs(x) + Math.abs(y) > 3;
    weft.view.top = drag.top;
    scroll(-y);
    show(drag.from - x / painter.scale, drag.to - x / painter.scale);
  });
  canvas.addEventListener("pointerup", () => {
    if (drag && !drag.moved) held = hovered;
    drag = null;
    ask();
  });
  canvas.addEventListener("pointerleave", () => { hovered = null; element("tip").hidden = true; drawArrows(); });
  element("search").addEventListener("input", (event) => search(event.target.value));
  element("fit").onclick = showAll;
  element("in").onclick = () => zoom(0.5);
  element("out").onclick = () => zoom(2);
  element("theme").onclick = () => setTheme(!painter.dark);
  element("keys").onclick = toggleKeys;
  const fit = () => { painter.fitToWindow(); scroll(0); ask(); };
  new ResizeObserver(fit).observe(canvas);
  window.addEventListener("beforeprint", () => { painter.fitToWindow(); frame(); });
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  darkness.addEventListener("change", () => setTheme(darkness.matches));
  setTheme(darkness.matches);
}

async function start() {
  const buffer = await unpack(element("columns").textContent);
  weft.runs = withColumns(JSON.parse(element("runs").textContent), buffer);
  weft.runs.forEach(prepare);
  let top = 0;
  for (const run of weft.runs) {
    const rows = rowsOf(run);
    rows.forEach((row) => { row.top += top; });
    top = rows.at(-1).top + rows.at(-1).height;
    weft.rows.push(...rows);
  }
  painter = new Painter(element("timeline"));
  overlay = element("overlay").getContext("2d");
  painter.fitToWindow();
  writeTexts();
  listen();
  showAll();
  frame();
}

weft.at = at;
weft.ready = start();
