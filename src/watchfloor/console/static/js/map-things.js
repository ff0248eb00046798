// Everything that has a place, as a layer of MapLibre of our own: a frame goes to the graphics card as it came,
// and the shaders make of it what is drawn. So a step of 50,000 tracks costs one copy.
import { HEAD, THING, head } from "./map-frame.js";

const PLACE = `#version 300 es
precision highp float; precision highp int;
uniform mat4 u_matrix; uniform ivec2 u_centre; uniform int u_shown;
in ivec2 a_at; in uvec2 a_layer;
// From the middle of the view, in the map's own units, without losing a metre: the whole numbers are subtracted
// first, and the difference of two latitudes is projected, not the latitudes.
vec2 place() {
  float turn = abs(float(a_at.x) - float(u_centre.x)) > 2.0e9
    ? float(a_at.x) - float(u_centre.x) : float(a_at.x - u_centre.x);
  float across = radians(float(a_at.y - u_centre.y) * 1e-7) * 0.5;
  float s = clamp(sin(across) / cos(radians(float(u_centre.y) * 1e-7) + across), -0.9999, 0.9999);
  float up = abs(s) < 0.05 ? s * (1.0 + s * s / 3.0 + s * s * s * s / 5.0) : 0.5 * log((1.0 + s) / (1.0 - s));
  return vec2(turn * 1e-7 / 360.0, -up / 3.14159265358979);
}
bool hidden() { return (u_shown >> int(a_layer.x) & 1) == 0; }
`;

const DOTS = `${PLACE}
uniform float u_size; uniform int u_chosen;
in uint a_number; in uint a_course;
flat out uvec2 v_layer; flat out float v_course; flat out float v_chosen;
void main() {
  gl_Position = hidden() ? vec4(2.0, 2.0, 2.0, 1.0) : u_matrix * vec4(place(), 0.0, 1.0);
  v_chosen = int(a_number) == u_chosen ? 1.0 : 0.0;
  gl_PointSize = u_size * (1.0 + 0.6 * v_chosen);
  v_layer = a_layer; v_course = a_course == 65535u ? -1.0 : radians(float(a_course) / 100.0);
}`;

const DOT = `#version 300 es
precision highp float;
uniform vec3 u_colours[8]; uniform vec3 u_old; uniform vec3 u_ring; uniform float u_size;
flat in uvec2 v_layer; flat in float v_course; flat in float v_chosen;
out vec4 colour;
// How far inside its edge a point of each shape is.
float inside(vec2 p, uint layer) {
  if (layer == 1u) return 0.88 - (abs(p.x) + abs(p.y));
  if (layer == 3u) return 0.62 - max(abs(p.x), abs(p.y));
  if (layer == 2u && v_course >= 0.0) {
    float c = cos(v_course), s = sin(v_course);
    vec2 q = vec2(c * p.x + s * p.y, -s * p.x + c * p.y);
    return min(min(0.55 - q.y, 0.52 + 0.5 * q.y - abs(q.x)), q.y + 0.95);
  }
  return 0.72 - length(p);
}
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float px = 2.0 / u_size, d = inside(p, v_layer.x);
  float fill = smoothstep(-px, px, d), old = float(v_layer.y);
  float hole = old * smoothstep(0.18, 0.18 + px, d);
  float ring = smoothstep(-0.22 - px, -0.22, d) * v_chosen;
  vec3 own = mix(u_colours[v_layer.x], u_old, old * 0.5);
  float solid = fill * (1.0 - hole * 0.85);
  colour = vec4(mix(u_ring, own, max(fill, 1.0 - v_chosen)), 1.0) * max(solid, ring * (1.0 - fill));
  if (colour.a < 0.02) discard;
}`;

const AREAS = `${PLACE}
in vec2 a_axes; in uint a_axis;
flat out uvec2 v_layer; out vec2 v_at;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
  float cosine = cos(radians(float(a_at.y) * 1e-7)), turned = radians(float(a_axis) / 100.0);
  vec2 q = corner * vec2(a_axes.y, a_axes.x) / (40030228.9 * max(cosine, 0.05));
  vec2 off = vec2(q.x * cos(turned) + q.y * sin(turned), q.x * sin(turned) - q.y * cos(turned));
  bool none = hidden() || a_axes.x <= 0.0;
  gl_Position = none ? vec4(2.0, 2.0, 2.0, 1.0) : u_matrix * vec4(place() + off, 0.0, 1.0);
  v_layer = a_layer; v_at = corner;
}`;

const AREA = `#version 300 es
precision highp float;
uniform vec3 u_colours[8]; uniform vec3 u_old;
flat in uvec2 v_layer; in vec2 v_at;
out vec4 colour;
void main() {
  float r = length(v_at), px = fwidth(r) * 1.5;
  if (r > 1.0) discard;
  float edge = smoothstep(1.0 - px - px, 1.0 - px, r);
  vec3 own = mix(u_colours[v_layer.x], u_old, float(v_layer.y) * 0.5);
  colour = vec4(own, 1.0) * mix(0.10, 0.75, edge);
}`;

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

  onAdd(map, gl) {
    this.map = map;
    this.gl = gl;
    this.buffer = gl.createBuffer();
    this.dots = new Program(gl, DOTS, DOT);
    this.areas = new Program(gl, AREAS, AREA);
    this.dotted = this.arranged(this.dots, 0);
    this.around = this.arranged(this.areas, 1);
    this.dirty = true;
  }

  onRemove(_, gl) {
    gl.deleteBuffer(this.buffer);
    for (const one of [this.dotted, this.around]) gl.deleteVertexArray(one);
    for (const one of [this.dots, this.areas]) gl.deleteProgram(one.program);
  }

  // Show a frame; what it costs the page is here and in `render`.
  set(frame) {
    this.frame = frame;
    this.count = head(frame).count;
    this.wide = this.hasAreas();
    this.dirty = true;
    this.map?.triggerRepaint();
  }

  // Whether anything says where it may be, else no areas are drawn at all.
  hasAreas() {
    const floats = new Float32Array(this.frame, HEAD);
    for (let at = 5; at < floats.length; at += THING / 4) if (floats[at] > 0) return true;
    return false;
  }

  arranged(program, divisor) {
    const { gl } = this, all = gl.createVertexArray();
    gl.bindVertexArray(all);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const whole = { a_number: [1, gl.UNSIGNED_INT, 0], a_at: [2, gl.INT, 4], a_course: [1, gl.UNSIGNED_SHORT, 12],
      a_layer: [2, gl.UNSIGNED_BYTE, 14], a_axis: [1, gl.UNSIGNED_SHORT, 28] };
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
    this.use(gl, this.dots, matrix, at);
    gl.uniform1f(this.dots.at.u_size, this.size());
    gl.uniform1i(this.dots.at.u_chosen, this.chosen);
    gl.uniform3fv(this.dots.at.u_ring, this.ring);
    gl.bindVertexArray(this.dotted);
    gl.drawArrays(gl.POINTS, 0, this.count);
    gl.bindVertexArray(null);
  }

  use(gl, program, matrix, centre) {
    gl.useProgram(program.program);
    gl.uniformMatrix4fv(program.at.u_matrix, false, matrix);
    gl.uniform2i(program.at.u_centre, ...centre);
    gl.uniform1i(program.at.u_shown, this.shown);
    gl.uniform3fv(program.at["u_colours[0]"], this.colours);
    gl.uniform3fv(program.at.u_old, this.old);
  }

  // Pixels across a thing: large where there are few.
  size() {
    const crowd = this.count > 2000 ? 0.6 : 1;
    return Math.max(8, Math.min(20, 8 + this.map.getZoom())) * crowd * devicePixelRatio;
  }
}

class Program {
  constructor(gl, vertex, fragment) {
    this.program = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
    this.at = {};
    for (let n = gl.getProgramParameter(this.program, gl.ACTIVE_UNIFORMS) - 1; n >= 0; n--) {
      const { name } = gl.getActiveUniform(this.program, n);
      this.at[name] = gl.getUniformLocation(this.program, name);
    }
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
