// Everything that has a place, as a layer of MapLibre of our own: a frame goes to the graphics card as it came,
// and the shaders make of it what is drawn. So a step of 50,000 tracks costs one copy.
import { BELOW, cluster } from "./map-clusters.js";
import { DANGER, DIM, FLAGS, HEAD, HIDDEN, STATIONARY, THING, head } from "./map-frame.js";
import { AREA, AREAS, DOT, DOTS, Program } from "./map-shaders.js";
import { Trails } from "./map-trails.js";

export class Things {
  id = "things";
  type = "custom";
  renderingMode = "2d";
  frame = null;
  chosen = -1;
  shown = 0xff;
  colours = new Float32Array(24);
  old = [0.5, 0.5, 0.5];
  ring = [1, 1, 1];
  alarm = [1, 0, 0];
  halo = [0, 0, 0];
  clusters = [];
  bright = null; // rows that are not dim; null: none is
  brush = null; // milliseconds since 1970, from and to; what was at no moment between is hidden
  trailed = true;

  onAdd(map, gl) {
    this.map = map;
    this.gl = gl;
    this.buffer = gl.createBuffer();
    this.dots = new Program(gl, DOTS, DOT);
    this.areas = new Program(gl, AREAS, AREA);
    this.dotted = this.arranged(this.dots, 0);
    this.around = this.arranged(this.areas, 1);
    this.trails = new Trails(gl);
    this.dirty = true;
  }

  onRemove(_, gl) {
    this.trails.remove();
    gl.deleteBuffer(this.buffer);
    for (const one of [this.dotted, this.around]) gl.deleteVertexArray(one);
    for (const one of [this.dots, this.areas]) gl.deleteProgram(one.program);
  }

  // Show a frame; what it costs the page is here and in `render`. `known`: trails that the server tells of it.
  set(frame, known) {
    this.frame = frame;
    Object.assign(this, head(frame));
    this.wide = this.hasAreas();
    this.dangers = this.hasDangers();
    if (known) this.trails.begin(known, this.moment, this.count);
    this.mark();
  }

  // Set the page's own bits: outside of the brushed time and in a cluster hidden, not of the chosen lead dim.
  mark() {
    const words = new Uint32Array(this.frame, HEAD), bytes = new Uint8Array(this.frame, HEAD), { bright, brush, moment } = this;
    const [from, to] = brush ? brush.map((one) => (moment - one) / 1000) : [];
    if (bright || brush || this.marked) {
      for (let row = 0, at = FLAGS; at < bytes.length; row++, at += THING) {
        let flags = bytes[at] & (DANGER | STATIONARY);
        if (bright && !bright.has(row)) flags |= DIM;
        if (brush && (words[(row * THING) / 4 + 4] > from || words[(row * THING) / 4 + 4] < to)) flags |= HIDDEN;
        bytes[at] = flags;
      }
    }
    this.level = Math.floor(this.map.getZoom());
    this.clusters = cluster(this.frame, this.map.getZoom(), this.shown, this.chosen);
    this.marked = bright || brush || this.clusters.length;
    this.trails.add(this.frame, this.moment);
    this.dirty = true;
    this.map.triggerRepaint();
  }

  // The zoom has changed: other things lie over each other.
  zoomed() {
    if (!this.frame || Math.floor(this.map.getZoom()) === this.level || (Math.min(this.level, this.map.getZoom()) >= BELOW)) return false;
    this.mark();
    return true;
  }

  // Whether anything says where it may be, else no areas are drawn at all.
  hasAreas() {
    const floats = new Float32Array(this.frame, HEAD);
    for (let at = 5; at < floats.length; at += THING / 4) if (floats[at] > 0) return true;
    return false;
  }

  hasDangers() {
    const bytes = new Uint8Array(this.frame, HEAD);
    for (let at = FLAGS; at < bytes.length; at += THING) if (bytes[at] & DANGER) return true;
    return false;
  }

  arranged(program, divisor) {
    const { gl } = this, all = gl.createVertexArray();
    gl.bindVertexArray(all);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const whole = { a_number: [1, gl.UNSIGNED_INT, 0], a_at: [2, gl.INT, 4], a_course: [1, gl.UNSIGNED_SHORT, 12],
      a_layer: [2, gl.UNSIGNED_BYTE, 14], a_symbol: [2, gl.UNSIGNED_BYTE, 30], a_axis: [1, gl.UNSIGNED_SHORT, 28] };
    for (const [name, [size, type, offset]] of Object.entries(whole)) {
      const at = gl.getAttribLocation(program.program, name);
      if (at < 0) continue;
      gl.enableVertexAttribArray(at);
      gl.vertexAttribIPointer(at, size, type, THING, offset);
      gl.vertexAttribDivisor(at, divisor);
    }
    const axes = gl.getAttribLocation(program.program, "a_axes");
    if (axes >= 0) {
      gl.enableVertexAttribArray(axes);
      gl.vertexAttribPointer(axes, 2, gl.FLOAT, false, THING, 20);
      gl.vertexAttribDivisor(axes, divisor);
    }
    gl.bindVertexArray(null);
    return all;
  }

  render(gl, args) {
    if (!this.frame || !this.count) return;
    if (this.dirty) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(this.frame, HEAD), gl.STREAM_DRAW);
      this.dirty = false;
    }
    const centre = this.map.getCenter();
    const at = [Math.round(centre.lng * 1e7), Math.round(centre.lat * 1e7)];
    const matrix = moved(args.defaultProjectionData.mainMatrix, at[0] / 1e7, at[1] / 1e7);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    if (this.wide) {
      this.use(gl, this.areas, matrix, at);
      gl.bindVertexArray(this.around);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
    }
    if (this.trailed && (this.shown >> 2) & 1) {
      this.trails.draw(matrix, at, { colour: this.colours.subarray(6, 9), alarm: this.alarm, width: 2 * devicePixelRatio });
    }
    this.use(gl, this.dots, matrix, at);
    gl.uniform1f(this.dots.at.u_size, this.size());
    gl.uniform1i(this.dots.at.u_chosen, this.chosen);
    gl.uniform3fv(this.dots.at.u_ring, this.ring);
    gl.uniform3fv(this.dots.at.u_halo, this.halo);
    gl.bindVertexArray(this.dotted);
    for (const above of this.dangers || this.chosen >= 0 ? [0, 1] : [0]) {
      gl.uniform1i(this.dots.at.u_above, above);
      gl.drawArrays(gl.POINTS, 0, this.count);
    }
    gl.bindVertexArray(null);
  }

  use(gl, program, matrix, centre) {
    gl.useProgram(program.program);
    gl.uniformMatrix4fv(program.at.u_matrix, false, matrix);
    gl.uniform2i(program.at.u_centre, ...centre);
    gl.uniform1i(program.at.u_shown, this.shown);
    gl.uniform3fv(program.at["u_colours[0]"], this.colours);
    gl.uniform3fv(program.at.u_old, this.old);
    gl.uniform3fv(program.at.u_alarm, this.alarm);
  }

  // Pixels across a thing: large where there are few.
  size() {
    const crowd = this.count > 2000 ? 0.7 : 1;
    return Math.max(10, Math.min(24, 9 + 1.2 * this.map.getZoom())) * crowd * devicePixelRatio;
  }
}

// The map's matrix for places counted from a centre, worked out in double precision.
function moved(matrix, longitude, latitude) {
  const turn = Math.PI / 180, x = longitude / 360 + 0.5;
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude * turn) / 2)) / (2 * Math.PI);
  const made = new Float32Array(matrix);
  for (let n = 0; n < 4; n++) made[12 + n] = matrix[n] * x + matrix[4 + n] * y + matrix[12 + n];
  return made;
}
