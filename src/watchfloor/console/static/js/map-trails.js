// Trails: where each track was in the last forty minutes. A ring of columns in one buffer of the graphics card, a
// slot a track: the column of now is written over with each frame, and another begins after `STEP` milliseconds.
// Drawn are the lines between neighbouring columns, so that a step of 50,000 tracks costs one small copy.
import { DANGER, DIM, FLAGS, HEAD, HIDDEN, THING } from "./map-frame.js";
import { PLACE, Program } from "./map-shaders.js";

export const SPAN = 40 * 60_000, STEP = 30_000;
const MOST = 300_000; // places that are kept: with many tracks the columns are further apart
const BRIDGED = 4; // columns
const NOWHERE = -0x80000000, TRACK = 2, FIELD = 14;

const LINES = `${PLACE}
uniform vec2 u_screen; uniform float u_width; uniform float u_from; uniform float u_step;
in ivec2 a_to; in uint a_kind;
out float v_age; flat out uint v_kind;
void main() {
  if (a_kind == 0u) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
  vec4 one = u_matrix * vec4(place(a_at), 0.0, 1.0), other = u_matrix * vec4(place(a_to), 0.0, 1.0);
  bool none = a_at.x < -2000000000 || a_to.x < -2000000000;
  vec2 a = one.xy / one.w * u_screen, b = other.xy / other.w * u_screen, along = b - a;
  float end = float(gl_VertexID & 1), side = float(gl_VertexID >> 1) - 0.5, far = length(along);
  vec2 across = far > 0.0 ? vec2(-along.y, along.x) / far * side * u_width : vec2(0.0);
  gl_Position = none ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((mix(a, b, end) + across) / u_screen, 0.0, 1.0);
  v_age = u_from + end * u_step; v_kind = a_kind;
}`;

const LINE = `#version 300 es
precision highp float;
uniform vec3 u_track; uniform vec3 u_alarm;
in float v_age; flat in uint v_kind;
out vec4 colour;
void main() {
  colour = vec4(v_kind == 3u ? u_alarm : u_track, 1.0) * mix(0.12, 0.8, v_age) * (v_kind == 1u ? 0.3 : 1.0);
}`;

export class Trails {
  constructor(gl) {
    this.gl = gl;
    this.program = new Program(gl, LINES, LINE);
    Object.assign(this, { buffer: gl.createBuffer(), kind: gl.createBuffer(), array: gl.createVertexArray() });
    this.begin([], Date.now());
  }

  // Start anew with what the server knows: [id, longitude, latitude, milliseconds since 1970] of each place.
  begin(known, moment, count = 0) {
    this.slots = new Map();
    this.size = 0;
    this.room(Math.max(256, count, new Set(known.map(([id]) => id)).size));
    this.head = this.columns - 1;
    this.since = moment;
    for (const [id, longitude, latitude, at] of known) {
      const back = Math.ceil((moment - at) / this.step);
      if (back < 1 || back >= this.columns) continue;
      const place = 2 * ((this.head - back) * this.size + this.slot(id));
      this.places[place] = longitude;
      this.places[place + 1] = latitude;
    }
    this.whole = true;
  }

  // Make room for so many tracks: what was known moves along, its oldest is left out where columns become fewer.
  room(count) {
    if (count <= this.size) return;
    const size = Math.ceil(count * 1.25), columns = Math.max(9, Math.min(SPAN / STEP + 1, Math.floor(MOST / size)));
    const old = this.places && { places: this.places, size: this.size, columns: this.columns, head: this.head, step: this.step };
    Object.assign(this, { size, columns, step: Math.max(STEP, SPAN / (columns - 1)), places: new Int32Array(2 * size * columns).fill(NOWHERE) });
    this.kinds = new Uint8Array(size);
    this.slotOf = new Int32Array(0);
    this.whole = true;
    if (!old || !this.slots.size) return;
    this.head = columns - 1;
    for (let back = 0; back < columns; back++) {
      const then = Math.round((back * this.step) / old.step);
      if (then >= old.columns) break;
      const from = 2 * old.size * ((old.head - then + old.columns) % old.columns);
      this.places.set(old.places.subarray(from, from + 2 * old.size), 2 * size * (this.head - back));
    }
  }

  slot(id) {
    let found = this.slots.get(id);
    if (found === undefined) this.slots.set(id, (found = this.slots.size));
    return found;
  }

  // Forget tracks that are in no column any more.
  forget() {
    const kept = [...this.slots].filter(([, slot]) => {
      for (let column = 0; column < this.columns; column++) if (this.places[2 * (column * this.size + slot)] !== NOWHERE) return true;
      return false;
    });
    const before = this.places;
    this.places = new Int32Array(before.length).fill(NOWHERE);
    this.slots = new Map(kept.map(([id, old], slot) => {
      for (let column = 0; column < this.columns; column++) {
        const from = 2 * (column * this.size + old);
        this.places.set(before.subarray(from, from + 2), 2 * (column * this.size + slot));
      }
      return [id, slot];
    }));
    this.slotOf = new Int32Array(0);
    this.whole = true;
  }

  // Where everything is in a frame.
  add(frame, moment) {
    const words = new Int32Array(frame, HEAD), bytes = new Uint8Array(frame, HEAD), step = THING / 4, count = bytes.length / THING;
    if (moment < this.since - this.step || moment > this.since + SPAN) this.begin([], moment, count); // another time
    if (this.slots.size + count > this.size) {
      let fresh = 0; // a row that has the track of the frame before is not looked up: of 50,000 nearly all
      const { ids, slots } = this, same = this.slotOf.length === count;
      for (let row = 0, at = 8; row < count; row++, at += step) {
        const id = words[at];
        if ((!same || ids[row] !== id) && bytes[row * THING + FIELD] === TRACK && id && !slots.has(id)) fresh++;
      }
      if (this.slots.size + fresh > this.size) this.forget();
      this.room(this.slots.size + fresh);
    }
    const steps = Math.min(Math.floor((moment - this.since) / this.step), this.columns);
    for (let n = 0; n < steps; n++) this.next(steps <= BRIDGED);
    if (steps > 0) [this.since, this.whole] = [moment, this.whole || steps > 1];
    const begin = 2 * this.head * this.size, { places, kinds } = this;
    places.fill(NOWHERE, begin, begin + 2 * this.size);
    kinds.fill(0);
    this.seen = 0;
    if (this.slotOf.length !== count) [this.slotOf, this.ids] = [new Int32Array(count), new Int32Array(count)];
    for (let row = 0, at = 0; row < count; row++, at += step) {
      if (bytes[row * THING + FIELD] !== TRACK) continue;
      const id = words[at + 8];
      if (!id) continue;
      if (this.ids[row] !== id) [this.ids[row], this.slotOf[row]] = [id, this.slot(id)];
      const slot = this.slotOf[row], to = begin + 2 * slot, flags = bytes[row * THING + FLAGS];
      places[to] = words[at + 1];
      places[to + 1] = words[at + 2];
      kinds[slot] = flags & HIDDEN ? 0 : flags & DANGER ? 3 : flags & DIM ? 1 : 2;
      if (kinds[slot]) this.seen++;
    }
    this.dirty = true;
  }

  // Begin another column. A frame is sent when something moved: a short silence is no hole in a trail, a long one is.
  next(bridged) {
    const [from, to] = [this.head, (this.head + 1) % this.columns].map((one) => 2 * one * this.size);
    if (bridged) this.places.copyWithin(to, from, from + 2 * this.size);
    else this.places.fill(NOWHERE, to, to + 2 * this.size);
    this.head = to / (2 * this.size);
  }

  upload() {
    const { gl } = this, begin = 2 * this.head * this.size;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.whole) gl.bufferData(gl.ARRAY_BUFFER, this.places, gl.DYNAMIC_DRAW);
    else gl.bufferSubData(gl.ARRAY_BUFFER, 4 * begin, this.places, begin, 2 * this.slots.size);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.kind);
    gl.bufferData(gl.ARRAY_BUFFER, this.kinds, gl.STREAM_DRAW);
    this.whole = this.dirty = false;
  }

  draw(matrix, centre, { colour, alarm, width }) {
    const { gl, program, size, columns } = this, at = program.at;
    if (!this.seen) return; // none, or all in clusters
    if (this.dirty || this.whole) this.upload();
    gl.useProgram(program.program);
    gl.uniformMatrix4fv(at.u_matrix, false, matrix);
    gl.uniform2i(at.u_centre, ...centre);
    gl.uniform2f(at.u_screen, gl.drawingBufferWidth / 2, gl.drawingBufferHeight / 2);
    gl.uniform1f(at.u_width, width);
    gl.uniform1f(at.u_step, 1 / (columns - 1));
    gl.uniform3fv(at.u_track, colour);
    gl.uniform3fv(at.u_alarm, alarm);
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.kind);
    this.pointer("a_kind", 1, gl.UNSIGNED_BYTE, 1, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    for (let back = columns - 1; back > 0; back--) {
      const [from, to] = [back, back - 1].map((one) => (this.head - one + columns) % columns);
      this.pointer("a_at", 2, gl.INT, 8, 8 * from * size);
      this.pointer("a_to", 2, gl.INT, 8, 8 * to * size);
      gl.uniform1f(at.u_from, 1 - back / (columns - 1));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.slots.size);
    }
    gl.bindVertexArray(null);
  }

  pointer(name, size, type, stride, offset) {
    const { gl } = this, at = gl.getAttribLocation(this.program.program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribIPointer(at, size, type, stride, offset);
    gl.vertexAttribDivisor(at, 1);
  }

  remove() {
    for (const one of [this.buffer, this.kind]) this.gl.deleteBuffer(one);
    this.gl.deleteVertexArray(this.array);
    this.gl.deleteProgram(this.program.program);
  }
}
