// Frames of the map as the server sends them; console/map/frames.py says what stands where.
export const HEAD = 32, THING = 36;
// Bits of the last byte but four of a thing. The server sends the first and last; the page sets the others before it draws.
export const DANGER = 1, DIM = 2, HIDDEN = 4, STATIONARY = 8, FLAGS = 31;
export const SYMBOLS = ["unknown", "person", "group", "vehicle", "boat", "aircraft", "animal", "parcel"];
export const BEAT = 1, BEHIND = 2, NO_COURSE = 65535;

// The head of a frame; throws on bytes that are none.
export function head(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEAD || view.getUint32(0, true) !== 0x314d4657) throw new Error("no frame of the map");
  const count = view.getUint32(4, true);
  if (buffer.byteLength !== HEAD + count * THING) throw new Error("a frame of the map is cut off");
  return {
    count,
    moment: view.getFloat64(8, true),
    listed: view.getBigUint64(16, true),
    number: view.getUint32(24, true),
    flags: view.getUint32(28, true),
  };
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
}

// One thing of a frame, in degrees, metres and seconds.
export function thing(buffer, row) {
  const view = new DataView(buffer, HEAD + row * THING, THING);
  const course = view.getUint16(12, true);
  return {
    number: view.getUint32(0, true),
    longitude: view.getInt32(4, true) / 1e7,
    latitude: view.getInt32(8, true) / 1e7,
    course: course === NO_COURSE ? null : course / 100,
    layer: view.getUint8(14),
    stale: view.getUint8(15) !== 0,
    age: view.getUint32(16, true),
    major: view.getFloat32(20, true),
    minor: view.getFloat32(24, true),
    symbol: view.getUint8(30),
    danger: (view.getUint8(FLAGS) & DANGER) !== 0,
    hidden: (view.getUint8(FLAGS) & HIDDEN) !== 0,
    id: view.getUint32(32, true),
  };
}

// Rows of a frame within a box of degrees: a loop over whole numbers, fast enough for any click.
export function within(buffer, west, south, east, north, most) {
  const numbers = new Int32Array(buffer, HEAD), step = THING / 4, found = [];
  const [w, s, e, n] = [west, south, east, north].map((side) => side * 1e7);
  for (let at = 0; at < numbers.length && found.length < most; at += step) {
    const x = numbers[at + 1], y = numbers[at + 2];
    if (x >= w && x <= e && y >= s && y <= n) found.push(at / step);
  }
  return found;
}

// How many positions are stale.
export function stale(buffer) {
  const bytes = new Uint8Array(buffer, HEAD);
  let count = 0;
  for (let at = 15; at < bytes.length; at += THING) count += bytes[at];
  return count;
}
