/** Says to screen readers what has happened elsewhere on the page. */
export class Announcer {
  /** @type {HTMLElement} */
  #region;

  /** @param {HTMLElement} region an element with `aria-live` */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} text */
  say(text) {
    // The same text again is only read out if it was gone in between.
    this.#region.textContent = "";
    requestAnimationFrame(() => {
      this.#region.textContent = text;
    });
  }
}
