// Draws the trend chart and the pictures of topics from the JSON beside them, in the colours of page.css, and makes the
// choices work without a button.
"use strict";

(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function traces(data) {
    return data.lines.map((line, place) => ({
      type: "scatter",
      mode: "lines",
      name: line.name,
      x: data.weeks.map((_, week) => week),
      y: line.values,
      text: line.labels.map((label, week) => `${data.weeks[week]}<br>${label}`),
      hovertemplate: "%{text}<extra></extra>",
      line: { color: colour(`--line${place + 1}`), width: place === 0 ? 3 : 2 },
      hoverlabel: { bgcolor: colour("--card"), bordercolor: colour(`--line${place + 1}`), font: { color: colour("--ink") } },
    }));
  }

  function layout(data) {
    const step = Math.max(1, Math.ceil(data.ticks.length / 5));
    const shown = data.ticks.map((_, week) => week).filter((week) => week % step === 0);
    const axis = { fixedrange: true, showline: false, zeroline: false, tickfont: { size: 12 } };
    return {
      margin: { l: 34, r: 14, t: 8, b: 34 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, color: colour("--soft") },
      showlegend: false,
      hovermode: "closest",
      xaxis: { ...axis, showgrid: false, ticklabelstandoff: 6, tickvals: shown, ticktext: shown.map((week) => data.ticks[week]) },
      yaxis: { ...axis, rangemode: "tozero", gridcolor: colour("--rule"), nticks: 5 },
    };
  }

  function draw() {
    const island = document.getElementById("trend-data");
    if (!island || !window.Plotly) return;
    const data = JSON.parse(island.textContent);
    window.Plotly.react("trend", traces(data), layout(data), { displayModeBar: false, responsive: true });
  }

  const NARROW = 600;

  // Figures name their colours as page.css does, so that they are light or dark with the page.
  function coloured(part) {
    if (Array.isArray(part)) return part.map(coloured);
    if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, coloured(value)]));
    return typeof part === "string" && /^var\(--[a-z]+\d*\)$/.test(part) ? colour(part.slice(4, -1)) : part;
  }

  // On a narrow page names on a map would cover each other, and long ones beside bars would leave no room for them.
  function narrowed(figure) {
    for (const trace of figure.data.filter((one) => one.mode === "markers+text")) {
      trace.mode = "markers";
      trace.marker.size = trace.marker.size.map((size) => 0.6 * size);
    }
    figure.layout.height = Math.min(figure.layout.height, figure.layout.xaxis.visible === false ? 420 : Infinity);
    const names = figure.layout.yaxis.ticktext;
    if (names) figure.layout.yaxis.ticktext = names.map((name) => (name.length > 20 ? `${name.slice(0, 19)}…` : name));
    figure.layout.font.size = 11;
  }

  function picture(island) {
    const box = document.getElementById(island.dataset.figure);
    if (!box.clientWidth) return;
    const figure = coloured(JSON.parse(island.textContent));
    figure.layout.font.family = getComputedStyle(document.body).fontFamily;
    if (box.clientWidth < NARROW) narrowed(figure);
    window.Plotly.react(box, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  }

  function pictures() {
    if (!window.Plotly) return;
    for (const island of document.querySelectorAll("script[data-figure]")) picture(island);
  }

  // What is folded away has no width to draw in yet.
  function unfold() {
    for (const part of document.querySelectorAll("details")) part.addEventListener("toggle", pictures, { once: true });
  }

  function choose() {
    const form = document.querySelector("form.choices");
    if (!form) return;
    form.classList.add("live");
    form.addEventListener("change", () => form.requestSubmit());
  }

  function all() {
    draw();
    pictures();
  }

  all();
  unfold();
  choose();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
