// Frames from the server for as long as the page is live. The newest frame waits to be shown and no older one;
// what was missed, asleep or cut off, is made good by the next. Silence is told, never hidden.
import { BEAT, head } from "./map-frame.js";

const SILENT = 15_000, AGAIN = [500, 1000, 2000, 5000, 10_000];

export class Stream {
  constructor(shown) {
    Object.assign(this, { shown, tries: 0, heard: Date.now(), socket: null, newest: null, stopped: false });
    document.addEventListener("visibilitychange", () => this.woke());
    addEventListener("online", () => this.woke());
    this.clock = setInterval(() => this.check(), 2000);
    this.open();
  }

  open() {
    clearTimeout(this.later);
    if (this.stopped) return;
    const socket = (this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/map/stream`));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket === this.socket && this.take(data);
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  take(data) {
    const said = head(data);
    this.heard = Date.now();
    this.tries = 0;
    this.shown.alive(said);
    if (said.flags & BEAT) return;
    this.newest = data;
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.shown.frame(this.newest);
    });
  }

  closed(code) {
    this.socket = null;
    if (code === 4401 || code === 4403) {
      this.stop();
      this.shown.over();
      return;
    }
    this.shown.lost();
    this.later = setTimeout(() => this.open(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }

  check() {
    if (this.stopped || Date.now() - this.heard < SILENT) return;
    this.shown.lost();
    this.renew();
  }

  // After a sleep the connection may be dead without anybody having said so.
  woke() {
    if (!document.hidden && !this.stopped && (!this.socket || Date.now() - this.heard > 6000)) this.renew();
  }

  renew() {
    this.heard = Date.now();
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.open();
  }

  stop() {
    this.stopped = true;
    clearInterval(this.clock);
    clearTimeout(this.later);
    const old = this.socket;
    this.socket = null;
    old?.close();
  }
}
