"use strict";
// All text from the report reaches the page as text (textContent), never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const columns = data.columns.length;
  const touch = matchMedia("(pointer: coarse)").matches;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const heading = columns > 1 ? 14 : 0; // the numbers of the columns
  let alone = null, sought = "", views = [];

  function make(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function draw(context, x, y, size, verdict) {
    const look = data.verdicts[verdict];
    context.fillStyle = look.fill;
    context.fillRect(x, y, size, size);
    if (size < 8) return;
    context.strokeStyle = look.ink;
    context.lineWidth = Math.max(1.2, size / 10);
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    for (const stroke of look.strokes)
      stroke.forEach(([u, v], k) => (k ? context.lineTo(x + u * size, y + v * size) : context.moveTo(x + u * size, y + v * size)));
    context.stroke();
  }

  function sized(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    return context;
  }

  // One block: strips of rows beside each other, each as wide as there are columns.
  class BlockView {
    constructor(block, number) {
      this.block = block;
      this.number = number;
      this.row = 0;
      this.column = 0;
      this.canvas = make("canvas", { tabIndex: 0 });
      this.canvas.setAttribute("role", "application");
      this.canvas.setAttribute("aria-roledescription", "mosaic");
      this.canvas.setAttribute("aria-label", `${block.group || block.family}: ${block.trials.length} trials. Arrow keys move, Enter shows the run.`);
      this.canvas.addEventListener("pointermove", (event) => this.hover(event));
      this.canvas.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
      this.canvas.addEventListener("click", (event) => this.press(event));
      this.canvas.addEventListener("keydown", (event) => this.key(event));
      this.canvas.addEventListener("focus", () => { this.paint(); this.speak(); });
      this.canvas.addEventListener("blur", () => this.paint());
    }

    layOut(width) {
      const count = this.block.trials.length;
      this.size = columns > 24 ? 9 : touch ? 18 : 14;
      this.step = this.size + (columns > 24 ? 0.5 : 1.5);
      const gap = columns > 1 ? 7 : 0;
      this.strip = columns * this.step + gap;
      const most = Math.max(1, Math.floor((width + gap) / this.strip));
      this.rows = Math.min(count, Math.max(Math.ceil(count / most), columns > 1 ? 12 : Math.ceil(Math.sqrt(count / 3))));
      this.strips = Math.ceil(count / this.rows);
      this.width = this.strips * this.strip - gap;
      this.height = heading + this.rows * this.step;
      this.context = sized(this.canvas, this.width, this.height);
      this.paint();
    }

    place(row, column) {
      return [Math.floor(row / this.rows) * this.strip + column * this.step, heading + (row % this.rows) * this.step];
    }

    at(event) {
      const box = this.canvas.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top - heading;
      const strip = Math.floor(x / this.strip), column = Math.floor((x - strip * this.strip) / this.step);
      const line = Math.floor(y / this.step), row = strip * this.rows + line;
      return x >= 0 && line >= 0 && line < this.rows && column < columns && row < this.block.trials.length ? [row, column] : null;
    }

    paint() {
      const { context } = this;
      context.clearRect(0, 0, this.width, this.height);
      const muted = getComputedStyle(document.body).getPropertyValue("--muted");
      if (heading) {
        context.fillStyle = muted;
        context.font = "10px sans-serif";
        context.textAlign = "center";
        for (let strip = 0; strip < this.strips; strip++)
          for (let column = 0; column < columns; column++)
            if (columns <= 24 || (column + 1) % 5 === 0)
              context.fillText(String(column + 1), strip * this.strip + column * this.step + this.size / 2, heading - 4);
      }
      this.block.trials.forEach((trial, row) => {
        const away = sought && !trial.sought.includes(sought);
        trial.cells.forEach((cell, column) => {
          if (!cell) return;
          context.globalAlpha = away || (alone !== null && cell.v !== alone) ? 0.12 : 1;
          draw(context, ...this.place(row, column), this.size, cell.v);
        });
      });
      context.globalAlpha = 1;
      if (document.activeElement === this.canvas) {
        const [x, y] = this.place(this.row, this.column);
        context.lineWidth = 2;
        context.strokeStyle = getComputedStyle(document.body).getPropertyValue("--text");
        context.strokeRect(x + 1, y + 1, this.size - 2, this.size - 2);
      }
    }

    hover(event) {
      const found = event.pointerType === "touch" ? null : this.at(event), tip = byId("tip");
      const cell = found && this.block.trials[found[0]].cells[found[1]];
      tip.hidden = !cell;
      if (!cell) return;
      const trial = this.block.trials[found[0]];
      tip.replaceChildren(
        make("strong", { textContent: trial.title }), make("br"),
        `${columns > 1 ? `${data.columns[found[1]].name}: ` : ""}${data.verdicts[cell.v].name}. ${cell.s}`,
      );
      const box = tip.getBoundingClientRect();
      tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - box.width - 8))}px`;
      tip.style.top = `${event.clientY + 18 + box.height < innerHeight ? event.clientY + 18 : Math.max(8, event.clientY - box.height - 12)}px`;
    }

    press(event) {
      const found = this.at(event);
      if (!found) return;
      [this.row, this.column] = found;
      this.paint();
      this.open();
    }

    open() {
      if (this.block.trials[this.row].cells[this.column]) location.hash = link(this.column, this.block.trials[this.row].id);
    }

    key(event) {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [-Infinity, 0], End: [Infinity, 0] }[event.key];
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.open();
      } else if (move) {
        event.preventDefault();
        let [down, across] = move;
        const column = this.column + across;
        if (across && (column < 0 || column >= columns)) down = across * this.rows; // to the strip beside
        else this.column = column;
        const row = this.row + down;
        if (Number.isFinite(down) && across && (row < 0 || row >= this.block.trials.length)) return;
        if (across && down) this.column = across < 0 ? columns - 1 : 0;
        this.row = Math.max(0, Math.min(this.block.trials.length - 1, row));
        this.paint();
        this.speak();
      }
    }

    speak() {
      const trial = this.block.trials[this.row], cell = trial.cells[this.column];
      const who = columns > 1 ? `${data.columns[this.column].name}: ` : "";
      byId("spoken").textContent = `${trial.title}. ${who}${cell ? `${data.verdicts[cell.v].name}. ${cell.s}` : "not put"}`;
    }
  }

  function link(column, id) {
    return `${column}/${encodeURIComponent(id)}`;
  }

  // The run that the address names.

  function named() {
    const [column, ...rest] = location.hash.slice(1).split("/");
    let id;
    try {
      id = decodeURIComponent(rest.join("/"));
    } catch {
      return null;
    }
    for (const view of views) {
      const row = view.block.trials.findIndex((trial) => trial.id === id);
      const cell = row >= 0 && view.block.trials[row].cells[Number(column)];
      if (cell) return { view, row, column: Number(column), trial: view.block.trials[row], cell };
    }
    return null;
  }

  function chip(verdict) {
    const look = data.verdicts[verdict], made = make("span", { className: "verdict", textContent: look.name, title: look.meaning });
    made.style.background = look.fill;
    made.style.color = look.ink;
    return made;
  }

  function drawn(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function pictureOf(picture) {
    const [width, height] = picture.size;
    const svg = drawn("svg", { viewBox: `-1 -1 ${width + 2} ${height + 2}`, role: "img", "aria-label": picture.caption });
    const clips = drawn("defs", {});
    picture.frames.forEach(([x, y, w, h], k) => {
      const clip = drawn("clipPath", { id: `frame${k}` });
      clip.append(drawn("rect", { x, y, width: w, height: h }));
      clips.append(clip);
    });
    svg.append(clips);
    for (const [kind, d] of picture.lines)
      svg.append(drawn("path", { class: kind, d, "clip-path": `url(#frame${kind === "losses" ? 1 : 0})` }));
    for (const [kind, x, y] of picture.marks)
      svg.append(kind === "minimum"
        ? drawn("path", { class: kind, d: `M${x - 4} ${y}h8M${x} ${y - 4}v8` })
        : drawn("circle", { class: kind, cx: x, cy: y, r: 4 }));
    for (const [x, y, width, height] of picture.frames) svg.append(drawn("rect", { class: "frame", x, y, width, height }));
    for (const [x, y, text] of picture.labels) svg.append(drawn("text", { x, y, "text-anchor": "end" }, text));
    return svg;
  }

  function shareOf([low, high]) {
    const x = (share) => 20 + 320 * Math.max(0, Math.min(1, Number(share)));
    const svg = drawn("svg", { viewBox: "0 0 360 40", role: "img", "aria-label": `between ${low} and ${high} of the runs` });
    svg.append(drawn("line", { class: "scale", x1: x(0), x2: x(1), y1: 16, y2: 16 }));
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      svg.append(drawn("line", { class: "scale", x1: x(share), x2: x(share), y1: 12, y2: 20 }));
      svg.append(drawn("text", { x: x(share), y: 34, "text-anchor": "middle" }, `${100 * share} %`));
    }
    svg.append(drawn("line", { class: "share", x1: x(low), x2: x(high), y1: 16, y2: 16 }));
    return svg;
  }

  function row(name, value) {
    return make("tr", {}, make("th", { scope: "row", textContent: name }), make("td", { className: "number", textContent: value }));
  }

  function show() {
    const panel = byId("run"), found = named();
    panel.hidden = !found;
    if (!found) return;
    const { cell, trial, column, view } = found;
    view.row = found.row;
    view.column = column;
    const close = make("button", { type: "button", className: "close", textContent: "×", title: "Close (Escape)", onclick: shut });
    close.setAttribute("aria-label", "Close");
    const parts = [close, make("h2", { id: "run-title", textContent: trial.title }),
      make("p", {}, chip(cell.v), ` ${data.columns[column].name}`), make("p", { className: "said", textContent: cell.s })];
    if (cell.p !== undefined) {
      const picture = data.pictures[cell.p];
      parts.push(pictureOf(picture), make("p", { className: "muted", textContent: `${picture.caption}; below it the losses.` }));
    }
    if (cell.i) parts.push(make("h3", { textContent: "Share of runs that succeeded (95 % interval)" }), shareOf(cell.i));
    const numbers = Object.entries(cell.f || {});
    if (cell.x !== undefined) numbers.unshift(["score", cell.x]);
    if (numbers.length) parts.push(make("h3", { textContent: "Numbers" }), make("table", {}, make("tbody", {}, ...numbers.map(([name, value]) => row(name, value)))));
    parts.push(make("h3", { textContent: "See the run" }), make("pre", { tabIndex: 0, textContent: cell.c }));
    parts.push(make("p", { className: "muted", textContent: trial.id }));
    const beside = (step) => make("button", { type: "button", className: "step", textContent: step < 0 ? "Previous" : "Next", onclick: () => walk(step) });
    parts.push(make("p", {}, beside(-1), beside(1)));
    panel.replaceChildren(...parts);
    panel.scrollTop = 0;
    panel.focus({ preventScroll: true });
  }

  function walk(step) {
    const found = named();
    if (!found) return;
    const all = views.flatMap((view) => view.block.trials.filter((trial) => trial.cells[found.column] && wanted(trial, trial.cells[found.column])));
    const at = all.indexOf(found.trial);
    const next = all[(at + step + all.length) % all.length];
    if (next) location.hash = link(found.column, next.id);
  }

  function wanted(trial, cell) {
    return (alone === null || cell.v === alone) && (!sought || trial.sought.includes(sought));
  }

  function shut() {
    const found = named();
    history.replaceState(null, "", location.pathname + location.search);
    byId("run").hidden = true;
    if (found) found.view.canvas.focus();
  }

  // The page.

  function build() {
    const used = new Set(data.blocks.flatMap((block) => block.trials.flatMap((trial) => trial.cells.filter(Boolean).map((cell) => cell.v))));
    data.verdicts.forEach((look, verdict) => {
      if (!used.has(verdict)) return;
      const sign = make("canvas");
      const button = make("button", { type: "button", title: look.meaning }, sign, look.name);
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        alone = alone === verdict ? null : verdict;
        for (const other of byId("legend").children) other.setAttribute("aria-pressed", String(other === button && alone !== null));
        views.forEach((view) => view.paint());
      });
      byId("legend").append(button);
      draw(sized(sign, 18, 18), 0, 0, 18, verdict);
    });
    byId("find").addEventListener("input", (event) => {
      sought = event.target.value.trim().toLowerCase();
      views.forEach((view) => view.paint());
    });
    const place = byId("mosaic");
    if (columns > 1)
      place.append(make("ol", { className: "columns" }, ...data.columns.map((column) => make("li", { textContent: column.name }))));
    let family = null, blocks = null;
    data.blocks.forEach((block, number) => {
      block.trials.forEach((trial) => { trial.sought = `${trial.id} ${trial.title}`.toLowerCase(); });
      if (block.family !== family) {
        family = block.family;
        blocks = make("div", { className: "blocks" });
        place.append(make("h3", { textContent: family }), blocks);
      }
      const view = new BlockView(block, number);
      views.push(view);
      const title = make("h4", {}, block.group || "others", make("span", { className: "muted", textContent: ` ${block.trials.length}` }));
      blocks.append(make("div", { className: "block" }, title, make("div", { className: "scroll" }, view.canvas)));
    });
    byId("tools").hidden = byId("hint").hidden = false;
    for (const chipped of document.querySelectorAll(".verdict[data-verdict]")) {
      const look = data.verdicts.find((one) => one.name === chipped.dataset.verdict);
      chipped.style.background = look.fill;
      chipped.style.color = look.ink;
    }
    let width = 0;
    const layOut = () => {
      if (place.clientWidth === width) return;
      width = place.clientWidth;
      views.forEach((view) => view.layOut(width));
    };
    layOut();
    addEventListener("resize", layOut);
    dark.addEventListener("change", () => views.forEach((view) => view.paint()));
    addEventListener("hashchange", show);
    addEventListener("keydown", (event) => { if (event.key === "Escape" && !byId("run").hidden) shut(); });
    show();
  }

  build();
})();
