// Draws the trend chart from the JSON beside it, in the colours of page.css, and makes the choices work without a button.
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

  function choose() {
    const form = document.querySelector("form.choices");
    if (!form) return;
    form.classList.add("live");
    form.addEventListener("change", () => form.requestSubmit());
  }

  draw();
  choose();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
