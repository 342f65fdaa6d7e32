// What the tests measure on the page: an expression whose value has one function for each question.
(() => {
  const isVisible = (node) => node.checkVisibility({ visibilityProperty: true });

  const isLabelled = (node) => Boolean(node.ariaLabel || node.getAttribute("aria-labelledby"));

  /** @returns {string[]} what a screen reader is not told */
  function complaints() {
    const found = [];
    const check = (words, selector, isRight) => {
      const wrong = [...document.querySelectorAll(selector)].filter((node) =>
        isVisible(node) && !isRight(node));
      found.push(...wrong.map((node) => `${words}: ${node.outerHTML.slice(0, 120)}`));
    };
    const hasText = (node) => isLabelled(node) || node.textContent.trim() !== "";
    check("no name", "button, a, summary", hasText);
    check("no label", "input, select, textarea", (node) => isLabelled(node) || node.labels.length);
    check("no name", "[role=tree], [role=grid], [role=tablist], progress, pre[tabindex]",
      (node) => isLabelled(node) || node.tagName === "PRE");
    check("no text", "img", (node) => node.hasAttribute("alt"));
    check("an order of its own", "[tabindex]", (node) => node.tabIndex <= 0);
    check("controls nothing", "[aria-controls]", (node) =>
      document.getElementById(node.getAttribute("aria-controls")));
    check("no headings", "table", (node) => node.querySelector("th[scope]") || !node.rows.length);
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    const headings = document.querySelectorAll("main h1").length;
    return [
      ...found, ...twice.map((id) => `twice: ${id}`),
      ...(headings === 1 ? [] : [`${headings} main headings`]),
    ];
  }

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  /** The channels of a color over another one. */
  function channels(color, under) {
    for (const fill of [under, color]) {
      canvas.fillStyle = fill;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }

  /** The relative luminance, as WCAG 2 defines it. */
  function luminance(color, under) {
    const linear = channels(color, under).map((value) => value / 255).map((value) =>
      (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  function background(node) {
    const colors = [];
    for (let at = node; at; at = at.parentElement) {
      colors.unshift(getComputedStyle(at).backgroundColor);
    }
    return colors.reduce((under, color) => `rgb(${channels(color, under)})`, "white");
  }

  function contrast(node) {
    const under = background(node);
    const { color, fill } = getComputedStyle(node);
    const text = luminance(node instanceof SVGElement ? fill : color, under);
    const ground = luminance(under, "white");
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  }

  /** @returns {string[]} the texts that differ too little from what is behind them */
  function paleTexts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const pale = [];
    while (walker.nextNode()) {
      const { data, parentElement: node } = walker.currentNode;
      const isRead = data.trim() !== "" && isVisible(node) && !node.closest(":disabled");
      if (isRead && contrast(node) < 4.5) {
        pale.push(`${contrast(node).toFixed(2)}: ${data.trim().slice(0, 60)}`);
      }
    }
    return pale;
  }

  /** From now on, collects in `window.moved` what users read and the browser moves on its own. */
  function watchShifts() {
    window.moved = [];
    const note = ({ node }) => {
      if (node?.parentElement?.closest("body > header, nav, main, .approval-card")) {
        window.moved.push(node.outerHTML.slice(0, 120));
      }
    };
    const observer = new PerformanceObserver((list) =>
      list.getEntries().forEach(({ sources }) => sources.forEach(note)));
    observer.observe({ type: "layout-shift" });
    return new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(resolve));
    });
  }

  return { complaints, paleTexts, watchShifts };
})()
