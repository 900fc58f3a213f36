// Drawing. What lies closer together than a pixel is drawn as one pixel, the paler the less of it was
// filled; the next span is then looked up behind that pixel, so that a picture of a million spans costs
// no more than one of a thousand.

const hueOf = new Map();  // of each thread's title, in the order of appearance

function colourOfThread(title, dark) {
  if (!hueOf.has(title)) hueOf.set(title, (hueOf.size * 137.5 + 210) % 360);
  return `hsl(${hueOf.get(title)} 55% ${dark ? 42 : 66}%)`;
}

class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", {alpha: false});
    this.readColours();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colours = new Proxy({}, {
      get: (known, name) => known[name] ??= style.getPropertyValue(`--${String(name)}`).trim(),
    });
    this.dark = document.documentElement.classList.contains("dark");
  }

  fitToWindow() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.font = "12px system-ui, sans-serif";
    this.context.textBaseline = "middle";
  }

  draw(rows, view) {
    const {context, colours} = this;
    this.steps = 0;  // things looked at for this picture
    this.scale = (this.width - LABEL_WIDTH) / (view.to - view.from);
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, this.width, this.height);
    for (const row of rows) {
      const top = row.top - view.top + RULER;
      if (top + row.height < RULER || top > this.height) continue;
      this.drawRow(row, top, view);
    }
    this.drawRuler(view);
  }

  x(time, view) { return LABEL_WIDTH + (time - view.from) * this.scale; }

  drawRow(row, top, view) {
    const {context, colours} = this;
    if (row.kind === "head") {
      context.fillStyle = colours.band;
      context.fillRect(0, top, this.width, row.height);
      this.write(row.title, 8, top + row.height / 2, this.width - 16, colours.soft, "600 ");
      return;
    }
    context.save();
    context.beginPath();
    context.rect(LABEL_WIDTH, Math.max(top, RULER), this.width - LABEL_WIDTH, row.height);
    context.clip();
    if (row.kind === "cpu") this.drawCpu(row, top, view);
    if (row.kind === "thread") this.drawThread(row, top, view);
    if (row.kind === "coroutine") this.drawStates(row.coroutine.states, top + 2, row.height - 4, row, view);
    if (row.kind === "chart") this.drawChart(row, top, view);
    context.restore();
    context.fillStyle = colours.line;
    context.fillRect(0, top + row.height - 0.5, this.width, 0.5);
    context.fillStyle = row.found ? colours.found : colours.ink;
    this.write(row.title, row.kind === "thread" ? 16 : 8, top + row.height / 2, LABEL_WIDTH - 20,
      row.found ? colours.found : row.kind === "chart" ? colours.soft : colours.ink);
  }

  // Calls paint(x, width, place, share) for what is to be seen: spans, or pixels with spans in them.
  eachSpan(spans, view, paint) {
    const {start, end, sums} = spans, count = start.length;
    let i = firstAbove(end, view.from);
    while (i < count && start[i] < view.to) {
      ++this.steps;
      const left = this.x(start[i], view), width = (end[i] - start[i]) * this.scale;
      if (width >= 1) {
        paint(left, width, i, 1);
        ++i;
        continue;
      }
      const pixel = Math.floor(left), behind = view.from + (pixel + 1 - LABEL_WIDTH) / this.scale;
      let next = firstAbove(end, behind, i);
      if (next === i) next = i + 1;
      paint(pixel, 1, i, Math.max(0.2, Math.min(1, (sums[next] - sums[i]) * this.scale)));
      i = next;
    }
  }

  drawCpu(row, top, view) {
    const {context} = this;
    this.eachSpan(row.spans, view, (x, width, i, share) => {
      const thread = row.run.threadOf.get(row.spans.what[i]);
      context.globalAlpha = share;
      context.fillStyle = colourOfThread(thread ? thread.title : "?", this.dark);
      context.fillRect(x, top + 2, Math.max(width, 1), row.height - 4);
      context.globalAlpha = 1;
      if (width > 30) this.write(thread.title, x + 4, top + row.height / 2, width - 8, this.colours.ink);
    });
  }

  drawThread(row, top, view) {
    const {context, colours} = this, {states, calls, marks} = row.thread;
    this.drawStates(states, top + 2, 13, row, view);
    this.eachSpan(calls, view, (x, width, i, share) => {
      context.globalAlpha = share;
      context.fillStyle = row.foundCalls?.has(calls.what[i]) ? colours.found : colours.call;
      context.fillRect(x, top + 16, Math.max(width, 1), 6);
      context.globalAlpha = 1;
    });
    let last = -1;
    context.fillStyle = colours.mark;
    for (let i = firstAbove(marks.when, view.from); i < marks.when.length && marks.when[i] < view.to;) {
      ++this.steps;
      const x = Math.floor(this.x(marks.when[i], view));
      if (x > last) context.fillRect(x, top, 1, 4);
      last = x;
      i = Math.max(i + 1, firstAbove(marks.when, view.from + (x + 1 - LABEL_WIDTH) / this.scale, i));
    }
  }

  drawStates(states, top, height, row, view) {
    const {context, colours} = this, names = row.run.stateNames;
    this.eachSpan(states, view, (x, width, i, share) => {
      const name = names[states.what[i]];
      context.globalAlpha = share;
      context.fillStyle = colours[name];
      const low = name === "Running" ? 0 : height * 0.25;
      context.fillRect(x, top + low, Math.max(width, 1), height - 2 * low);
      context.globalAlpha = 1;
    });
  }

  drawChart(row, top, view) {
    const {context, colours} = this, {when, value} = row.points;
    if (row.most === undefined) {
      row.most = value.reduce((most, each) => Math.max(most, each), 1);
      const least = value.reduce((least, each) => Math.min(least, each), row.most);
      row.least = least > row.most / 2 && least < row.most ? least : 0;  // what never changes says nothing
    }
    context.fillStyle = colours.soft;
    context.globalAlpha = 0.55;
    let i = Math.max(0, firstAbove(when, view.from) - 1);
    while (i < when.length && when[i] < view.to) {
      ++this.steps;
      const left = Math.max(LABEL_WIDTH, Math.floor(this.x(when[i], view)));
      const next = Math.max(i + 1, firstAbove(when, view.from + (left + 1 - LABEL_WIDTH) / this.scale, i));
      const right = next < when.length ? this.x(when[next], view) : this.width;
      let most = value[i];
      for (let j = i + 1; j < next && j < i + 64; ++j) most = Math.max(most, value[j]);
      const height = (most - row.least) / (row.most - row.least) * (row.height - 5) + 1;
      context.fillRect(left, top + row.height - 1 - height, Math.max(1, right - left), height);
      i = next;
    }
    context.globalAlpha = 1;
  }

  drawRuler(view) {
    const {context, colours} = this;
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, this.width, RULER);
    const rough = (view.to - view.from) / Math.max(2, (this.width - LABEL_WIDTH) / 130);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
    for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
      const x = this.x(time, view);
      context.fillStyle = colours.line;
      context.fillRect(x, 0, 1, this.height);
      this.write(duration(time), x + 4, RULER / 2, 120, colours.soft);
    }
    this.write(duration(view.to - view.from), 8, RULER / 2, LABEL_WIDTH - 16, colours.ink, "600 ");
  }

  write(text, x, y, width, colour, weight = "") {
    const {context} = this;
    context.font = `${weight}12px system-ui, sans-serif`;
    let shown = text;
    while (shown && context.measureText(shown).width > width) shown = shown.length > 2 ? shown.slice(0, -2).trimEnd() + "…" : "";
    if (shown.length < 2 && text.length > 1) return;
    context.fillStyle = colour;
    context.fillText(shown, x, y);
  }
}
