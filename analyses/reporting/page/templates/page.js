"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const rows = JSON.parse(byId("rows").textContent);
  const texts = JSON.parse(byId("texts").textContent);
  const say = (text, values) =>
    Object.entries(values || {}).reduce((said, [name, value]) => said.replace(`{${name}}`, value), texts[text]);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const PAGE = 25;
  const place = new Map(rows.map((row, at) => [row[0], at]));
  const body = byId("list").tBodies[0];
  let order = [2, -1], found = [], shown = 0, accounts = null, open = -1;

  async function unpack(id) {
    const bytes = Uint8Array.from(atob(byId(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  }

  function cell(row, text, name) {
    const made = row.insertCell();
    if (name) made.className = name;
    made.textContent = text;
    return made;
  }

  function append(until) {
    const part = document.createDocumentFragment();
    for (; shown < Math.min(until, found.length); shown++) {
      const [id, kind, risk, size, listed, first, last, served, starving, became] = rows[found[shown]];
      const row = document.createElement("tr");
      const link = document.createElement("a");
      link.href = "#team=" + encodeURIComponent(id);
      link.textContent = id;
      cell(row, "").append(link);
      cell(row, kind);
      const gauge = document.createElement("span"), fill = document.createElement("i");
      gauge.className = "gauge";
      fill.style.width = 100 * risk + "%";
      gauge.append(fill);
      cell(row, risk.toFixed(3), "number").append(gauge);
      for (const value of [size, listed]) cell(row, number.format(value), "number");
      cell(row, first);
      cell(row, last);
      for (const value of [served, starving]) cell(row, value || "", "number");
      if (byId("change")) cell(row, became);
      part.append(row);
    }
    body.append(part);
    byId("more").hidden = shown >= found.length;
    byId("more").textContent = say("show {n} more", { n: Math.min(PAGE, found.length - shown) });
  }

  async function list() {
    const asked = byId("search").value.trim().toLowerCase();
    const kind = byId("kind").value, risk = +byId("risk").value, size = +byId("size").value;
    const became = byId("change")?.value;
    if (asked.length > 2 && !accounts) {
      accounts = Object.entries(JSON.parse(await unpack("members")));
      if (asked !== byId("search").value.trim().toLowerCase()) return;
    }
    const holding = new Set();
    if (asked.length > 2)
      for (const [id, teams] of accounts) if (id.toLowerCase().includes(asked)) teams.forEach((at) => holding.add(at));
    const [column, way] = order;
    found = rows.map((_, at) => at).filter((at) => {
      const row = rows[at];
      return row[2] >= risk && row[3] >= size && (!kind || row[1] === kind) && (!became || row[9] === became) &&
        (!asked || row[0].toLowerCase().includes(asked) || row[1].toLowerCase().includes(asked) || holding.has(at));
    });
    found.sort((a, b) => {
      const x = rows[a][column], y = rows[b][column];
      return way * (x < y ? -1 : x > y ? 1 : 0) || a - b;
    });
    body.textContent = "";
    shown = 0;
    append(PAGE);
    byId("count").textContent = found.length
      ? say("{n} of {all} teams", { n: number.format(found.length), all: number.format(rows.length) })
      : say("no team is like that: change the search or the filter");
    document.querySelectorAll("#list thead th").forEach((head, at) =>
      at === column ? head.setAttribute("aria-sort", way < 0 ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
  }

  async function show() {
    const asked = location.hash.startsWith("#team=") ? decodeURIComponent(location.hash.slice(6)) : null;
    const at = asked !== null && place.has(asked) ? place.get(asked) : -1;
    const before = open;
    open = at;
    byId("overview").hidden = at >= 0;
    byId("detail").hidden = at < 0;
    if (at < 0) {
      byId("team").textContent = "";
      if (before >= 0) [...body.querySelectorAll("a")].find((link) => link.textContent === rows[before][0])?.focus();
      return;
    }
    if (!("DecompressionStream" in window)) {
      byId("team").textContent = say("this browser is too old to unpack the teams: use one of 2023 or later");
      return;
    }
    const together = +byId("team").dataset.together;
    const parts = JSON.parse(await unpack("t" + Math.floor(at / together)));
    if (open !== at) return;
    byId("team").innerHTML = parts[at % together];
    scrollTo(0, 0);
    byId("team-name").focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("team", { detail: asked }));
  }

  function light(key) {
    const drawn = document.querySelector("svg.network");
    if (!drawn) return;
    document.querySelectorAll(".lit").forEach((one) => one.classList.remove("lit"));
    const near = new Set(key ? [key] : []);
    for (const line of drawn.querySelectorAll("line")) {
      const { a, b } = line.dataset;
      if (key && (a === key || b === key)) {
        line.classList.add("lit");
        near.add(a).add(b);
      }
    }
    const mine = [...document.querySelectorAll("#team [data-key]")].filter((one) => near.has(one.dataset.key));
    mine.forEach((one) => one.classList.add("lit"));
    drawn.classList.toggle("some", Boolean(key) && mine.some((one) => one.tagName === "g"));
  }

  const step = (way) => {
    const at = found.indexOf(open) + way;
    if (open >= 0 && at >= 0 && at < found.length) location.hash = "team=" + encodeURIComponent(rows[found[at]][0]);
  };

  byId("filter").addEventListener("input", list);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("more").addEventListener("click", () => append(shown + PAGE));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("list").tHead.addEventListener("click", (event) => {
    const column = event.target.closest("button")?.dataset.column;
    if (column === undefined) return;
    const fresh = typeof rows[0]?.[column] === "number" ? -1 : 1;
    order = [+column, order[0] === +column ? -order[1] : fresh];
    list();
  });
  body.addEventListener("click", (event) => {
    if (!event.target.closest("a")) event.target.closest("tr")?.querySelector("a").click();
  });
  const team = byId("team");
  let held = "";
  const over = (event) => light(event.target.closest("[data-key]")?.dataset.key || held);
  team.addEventListener("pointerover", over);
  team.addEventListener("focusin", over);
  team.addEventListener("pointerleave", () => light(held));
  team.addEventListener("click", async (event) => {
    if (event.target.closest("[data-copy]")) {
      const text = document.querySelector("#h-cypher ~ pre").textContent;
      const button = event.target;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        getSelection().selectAllChildren(document.querySelector("#h-cypher ~ pre"));
        document.execCommand("copy");
      }
      button.textContent = say("copied");
      setTimeout(() => (button.textContent = say("copy")), 1500);
      return;
    }
    const node = event.target.closest("svg.network .node");
    if (event.target.closest("svg.network")) {
      held = node && held !== node.dataset.key ? node.dataset.key : "";
      light(held);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && open >= 0) location.hash = "teams";
    else if (typing && !(event.key === "ArrowDown" && event.target.id === "search")) return;
    else if (event.key === "/") {
      event.preventDefault();
      if (open < 0) byId("search").focus();
      else {
        location.hash = "teams";
        setTimeout(() => byId("search").focus());
      }
    } else if (open >= 0 && (event.key === "n" || event.key === "p")) step(event.key === "n" ? 1 : -1);
    else if (open < 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const links = [...body.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (at < 0 && event.target.id !== "search") return;
      event.preventDefault();
      links[Math.max(0, Math.min(links.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    }
  });
  addEventListener("hashchange", () => { held = ""; show(); });
  document.fonts.ready.then(() => {
    // Chromium keeps the boxes that some texts got before their font was there.
    const page = document.body, held = document.activeElement;
    page.style.display = "none";
    page.getBoundingClientRect();
    page.style.display = "";
    held?.focus({ preventScroll: true });
  });
  list().then(show).then(() => document.documentElement.setAttribute("data-ready", ""));
})();
