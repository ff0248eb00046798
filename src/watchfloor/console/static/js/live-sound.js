// The sound of an alert: made here, so that no file is needed. A browser makes none before somebody clicked.

const KEY = "sound";
const QUIET = "sound-quiet";
const SILENT_FOR = 5 * 60_000;
const TONES = { new: [880, 660, 880], late: [988, 784, 988, 784, 988] };
const LENGTH = 0.22; // seconds of a tone

let context = null;

/** Whether somebody has said in this browser whether it is to sound. */
export const asked = () => localStorage.getItem(KEY) !== null;
export const wanted = () => localStorage.getItem(KEY) === "on";
export const quietUntil = () => Number(localStorage.getItem(QUIET) ?? 0);

/** `on`, `off`, or `waits` where the browser still wants a click. */
export function state() {
  if (!wanted()) return "off";
  return context?.state === "running" ? "on" : "waits";
}

/** Make sure that there is something to sound with; works for good once it is called from a click or a key. */
export async function ready() {
  if (!wanted()) return;
  context ??= new AudioContext();
  if (context.state === "suspended") {
    await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  }
}

/** Turn it on or off: by a click. */
export async function turn(on) {
  localStorage.setItem(KEY, on ? "on" : "off");
  localStorage.removeItem(QUIET);
  if (on) {
    await ready();
    play([660]);
  }
}

export const silence = () => localStorage.setItem(QUIET, String(Date.now() + SILENT_FOR));
export const speak = () => localStorage.removeItem(QUIET);

/** Sound once, in one tab of the browser; `new` or `late`. */
export async function ring(why) {
  await ready();
  if (state() !== "on" || Date.now() < quietUntil()) return;
  const tones = TONES[why];
  const once = async (lock) => {
    if (!lock) return;
    play(tones);
    await new Promise((done) => setTimeout(done, tones.length * LENGTH * 1000 + 500));
  };
  if (navigator.locks) await navigator.locks.request("watchfloor-sound", { ifAvailable: true }, once);
  else await once(true);
}

function play(tones) {
  tones.forEach((hertz, place) => {
    const start = context.currentTime + place * LENGTH;
    const tone = context.createOscillator();
    const loud = context.createGain();
    tone.type = "triangle";
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.0001, start);
    loud.gain.exponentialRampToValueAtTime(0.5, start + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH * 0.95);
    tone.connect(loud).connect(context.destination);
    tone.start(start);
    tone.stop(start + LENGTH);
  });
}
