// What the graphics card makes of a frame: places to the metre, symbols by type, rings, and where things may be.
export const PLACE = `#version 300 es
precision highp float; precision highp int;
uniform mat4 u_matrix; uniform ivec2 u_centre;
in ivec2 a_at;
// From the middle of the view, in the map's own units, without losing a metre: the whole numbers are subtracted
// first, and the difference of two latitudes is projected, not the latitudes.
vec2 place(ivec2 at) {
  float turn = abs(float(at.x) - float(u_centre.x)) > 2.0e9
    ? float(at.x) - float(u_centre.x) : float(at.x - u_centre.x);
  float across = radians(float(at.y - u_centre.y) * 1e-7) * 0.5;
  float s = clamp(sin(across) / cos(radians(float(u_centre.y) * 1e-7) + across), -0.9999, 0.9999);
  float up = abs(s) < 0.05 ? s * (1.0 + s * s / 3.0 + s * s * s * s / 5.0) : 0.5 * log((1.0 + s) / (1.0 - s));
  return vec2(turn * 1e-7 / 360.0, -up / 3.14159265358979);
}`;

const THING = `${PLACE}
uniform int u_shown; in uvec2 a_layer; in uvec2 a_symbol;
bool hidden() { return (u_shown >> int(a_layer.x) & 1) == 0 || (a_symbol.y & 4u) != 0u; }
`;

// Above the others, in a second pass, stand those that are chosen and where a life is at risk: their rings reach
// `wide` times as far as their shapes.
export const DOTS = `${THING}
uniform float u_size; uniform int u_chosen; uniform bool u_above;
in uint a_number; in uint a_course;
flat out uvec4 v_what; flat out float v_course; flat out float v_chosen; flat out float v_wide;
void main() {
  v_chosen = int(a_number) == u_chosen ? 1.0 : 0.0;
  bool danger = (a_symbol.y & 1u) != 0u, above = danger || v_chosen > 0.0;
  gl_Position = hidden() || above != u_above ? vec4(2.0, 2.0, 2.0, 1.0) : u_matrix * vec4(place(a_at), 0.0, 1.0);
  v_wide = above ? 1.9 : 1.0;
  gl_PointSize = u_size * v_wide;
  v_what = uvec4(a_layer, a_symbol); v_course = a_course == 65535u ? -1.0 : radians(float(a_course) / 100.0);
}`;

export const DOT = `#version 300 es
precision highp float;
uniform vec3 u_colours[8]; uniform vec3 u_old; uniform vec3 u_ring; uniform vec3 u_alarm; uniform vec3 u_halo; uniform float u_size;
flat in uvec4 v_what; flat in float v_course; flat in float v_chosen; flat in float v_wide;
out vec4 colour;
float box(vec2 p, vec2 half_) { vec2 d = half_ - abs(p); return min(d.x, d.y); }
float disc(vec2 p, float x, float y, float r) { return r - length(p - vec2(x, y)); }
// How far inside its edge a point of each symbol is; up is where it goes.
float person(vec2 p) { return max(disc(p, 0.0, -0.42, 0.3), min(disc(p, 0.0, 0.62, 0.62), 0.72 - p.y)); }
float inside(vec2 p, uint symbol, bool goes) {
  if (symbol == 1u) return person(p);
  if (symbol == 2u) return max(person((p - vec2(-0.42, 0.0)) * 1.45), person((p - vec2(0.42, 0.0)) * 1.45)) * 0.7;
  if (symbol == 3u) return max(box(p - vec2(0.0, 0.12), vec2(0.46, 0.7)), min(0.3 - abs(p.x), box(p + vec2(0.0, 0.6), vec2(0.3, 0.3))));
  if (symbol == 4u) return min(min(0.44 - abs(p.x), 0.78 - p.y), (0.62 * (p.y + 0.95) - abs(p.x)) * 0.85);
  if (symbol == 5u) {
    float body = box(p, vec2(0.13, 0.9)), wing = box(p - vec2(0.0, 0.62 * abs(p.x)), vec2(0.88, 0.17));
    return max(max(body, wing), box(p - vec2(0.0, 0.74 + 0.3 * abs(p.x)), vec2(0.4, 0.11)));
  }
  if (symbol == 6u) return max(max(disc(p, 0.0, 0.3, 0.42), max(disc(p, -0.55, -0.12, 0.2), disc(p, 0.55, -0.12, 0.2))),
    max(disc(p, -0.22, -0.52, 0.2), disc(p, 0.22, -0.52, 0.2)));
  if (symbol == 7u) return min(box(p, vec2(0.66)), max(abs(p.x) - 0.08, p.y - 0.0));
  if (goes) return min(min(0.55 - p.y, 0.52 + 0.5 * p.y - abs(p.x)), p.y + 0.95);
  return 0.5 - length(p);
}
void main() {
  vec2 p = (gl_PointCoord * 2.0 - 1.0) * v_wide, q = p;
  uint layer = v_what.x, symbol = v_what.z;
  float px = 2.0 / u_size, old = float(v_what.y), d, hole = 0.0;
  bool goes = v_course >= 0.0;
  if (goes && symbol != 1u && symbol != 2u && symbol != 6u && symbol != 7u) {
    float c = cos(v_course), s = sin(v_course);
    q = vec2(c * p.x + s * p.y, -s * p.x + c * p.y);
  }
  // A track is its symbol; other layers have a frame of their own with the symbol cut out of it.
  if (layer == 2u) {
    d = inside(q, symbol, goes);
    if (goes && (symbol == 1u || symbol == 2u || symbol == 6u)) {
      vec2 t = vec2(cos(v_course) * p.x + sin(v_course) * p.y, -sin(v_course) * p.x + cos(v_course) * p.y);
      d = max(d, min(min(t.y + 1.25, -t.y - 0.92), (t.y + 1.25) * 0.9 - abs(t.x)));
    }
    hole = old * smoothstep(0.1, 0.1 + px, d);
  } else {
    d = layer == 1u ? 0.92 - (abs(p.x) + abs(p.y)) : layer == 3u || layer == 4u ? 0.72 - max(abs(p.x), abs(p.y)) : 0.8 - length(p);
    float cut = symbol == 0u ? -1.0 : inside(q * 1.55, symbol, goes) / 1.55;
    hole = max(old * smoothstep(0.16, 0.16 + px, d) * (1.0 - smoothstep(-px, px, cut)), (1.0 - old) * smoothstep(-px, px, cut));
  }
  float fill = smoothstep(-px, px, d), edge = smoothstep(-0.16 - px, -0.16 + px, d);
  bool danger = (v_what.w & 1u) != 0u;
  vec3 own = mix(danger ? u_alarm : u_colours[layer], u_old, old * 0.4);
  float r = length(p), ring = 0.0;
  if (danger) ring = smoothstep(1.3 - px, 1.3 + px, r) * (1.0 - smoothstep(1.52 - px, 1.52 + px, r));
  float mine = v_chosen * smoothstep(1.62 - px, 1.62 + px, r) * (1.0 - smoothstep(1.82 - px, 1.82 + px, r));
  vec3 body = mix(u_halo, own, fill * (1.0 - hole));
  colour = vec4(body, 1.0) * edge;
  colour = mix(colour, vec4(u_alarm, 1.0), ring);
  colour = mix(colour, vec4(u_ring, 1.0), mine);
  if ((v_what.w & 2u) != 0u) colour *= 0.3;
  else if ((v_what.w & 8u) != 0u && !danger) colour *= 0.5;
  if (colour.a < 0.02) discard;
}`;

export const AREAS = `${THING}
in vec2 a_axes; in uint a_axis;
flat out uvec4 v_what; out vec2 v_at; flat out float v_half;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
  float cosine = cos(radians(float(a_at.y) * 1e-7)), turned = radians(float(a_axis) / 100.0);
  vec2 q = corner * vec2(a_axes.y < 0.0 ? a_axes.x : a_axes.y, a_axes.x) / (40030228.9 * max(cosine, 0.05));
  vec2 off = vec2(q.x * cos(turned) + q.y * sin(turned), q.x * sin(turned) - q.y * cos(turned));
  bool none = hidden() || a_axes.x <= 0.0;
  gl_Position = none ? vec4(2.0, 2.0, 2.0, 1.0) : u_matrix * vec4(place(a_at) + off, 0.0, 1.0);
  v_what = uvec4(a_layer, a_symbol); v_at = corner;
  v_half = a_axes.y < 0.0 ? radians(-a_axes.y) : 4.0;
}`;

export const AREA = `#version 300 es
precision highp float;
uniform vec3 u_colours[8]; uniform vec3 u_old; uniform vec3 u_alarm;
flat in uvec4 v_what; in vec2 v_at; flat in float v_half;
out vec4 colour;
void main() {
  float r = length(v_at), px = fwidth(r) * 1.5, turned = abs(atan(v_at.x, v_at.y));
  if (r > 1.0 || turned > v_half) discard;
  float edge = smoothstep(1.0 - px - px, 1.0 - px, r);
  if (v_half < 3.14) edge = max(edge, smoothstep(v_half - 1.5 * px / max(r, 0.02), v_half, turned));
  bool view = v_what.x == 3u || v_what.x == 4u;
  vec3 own = mix((v_what.w & 1u) != 0u ? u_alarm : u_colours[v_what.x], u_old, float(v_what.y) * 0.5);
  colour = vec4(own, 1.0) * mix(view ? 0.06 : 0.10, view ? 0.4 : 0.75, edge) * ((v_what.w & 2u) != 0u ? 0.3 : 1.0);
}`;

export class Program {
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
