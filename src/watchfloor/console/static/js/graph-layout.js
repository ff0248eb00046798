// Where the subjects of a graph stand, the same for the same input: by springs, by type, by time, in a circle.

const STEPS = 220;
const COLUMNS = [["person", "company"], ["account", "phone", "address"], ["vessel", "vehicle", "aircraft", "track"],
  ["parcel", "container", "substance"],
  ["application", "document", "template", "order"], ["place"]];
const MARGIN = 60;
const APART = 90; // units between two subjects, where there is room

function hash(text) {
  let h = 2166136261;
  for (const char of text) h = Math.imul(h ^ char.codePointAt(0), 16777619) >>> 0;
  return h / 4294967296;
}

const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

function spread(count, at, span) {
  return MARGIN / 2 + (span - MARGIN) * ((at + 0.5) / count);
}

/** Stand the nodes as a layout has it; what is pinned stays. Nodes: {key, type, x?, y?, pinned, first, from?}; edges: [i, j]. */
export function arrange(layout, nodes, edges, width, height) {
  const kept = nodes.map(({ x, y }) => ({ x, y }));
  ({ types: byType, time: byTime, circle, force })[layout](nodes, edges, width, height);
  nodes.forEach((node, i) => { if (node.pinned) Object.assign(node, kept[i]); });
}

/** A column for each group of types; within it the subjects near to what they are linked with. */
function byType(nodes, edges, width, height) {
  const column = (node) => COLUMNS.findIndex((types) => types.includes(node.type));
  const used = COLUMNS.map((_, at) => nodes.filter((node) => column(node) === at)).filter((some) => some.length);
  for (const some of used) some.sort((a, b) => hash(a.key) - hash(b.key));
  const place = () => used.forEach((some, at) => some.forEach((node, i) => {
    node.x = spread(used.length, at, width);
    node.y = spread(some.length, i, height);
    if (some.length * 34 > height) node.x += (i % 2 ? 1 : -1) * Math.min(60, width / used.length / 5);
  }));
  place();
  for (let pass = 0; pass < 4; pass += 1) {
    const near = new Map(nodes.map((node) => [node, []]));
    for (const [i, j] of edges) { near.get(nodes[i]).push(nodes[j].y); near.get(nodes[j]).push(nodes[i].y); }
    const middle = (node) => near.get(node).reduce((sum, y) => sum + y, 0) / (near.get(node).length || 1);
    const by = new Map(nodes.map((node) => [node, middle(node)]));
    for (const some of used) some.sort((a, b) => by.get(a) - by.get(b) || hash(a.key) - hash(b.key));
    place();
  }
}

/** From left to right by when they were first linked with anything here; side by side where that is at once. */
function byTime(nodes, edges, width, height) {
  const order = [...nodes].sort((a, b) => a.first - b.first || hash(a.key) - hash(b.key));
  const [least, most] = [order[0]?.first ?? 0, order.at(-1)?.first ?? 0];
  const lanes = Math.max(3, Math.floor(height / 64));
  order.forEach((node, i) => {
    const share = most > least ? (node.first - least) / (most - least) : 0.5;
    node.x = 0.5 * spread(order.length, i, width) + 0.5 * (MARGIN + (width - 2 * MARGIN) * share);
    node.y = spread(lanes, (i * 2) % lanes + (lanes % 2 ? 0 : Math.floor((i * 2) / lanes) % 2), height);
  });
}

/** What was opened in the middle, all others around it, one type beside the other. */
function circle(nodes, edges, width, height) {
  const order = COLUMNS.flat();
  const middle = nodes.filter((node) => node.opened), around = nodes.filter((node) => !node.opened);
  around.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type) || hash(a.key) - hash(b.key));
  const ring = (some, share) => some.forEach((node, i) => {
    const turn = 2 * Math.PI * (i / some.length) - Math.PI / 2;
    node.x = width / 2 + share * (width / 2 - MARGIN) * Math.cos(turn);
    node.y = height / 2 + share * (height / 2 - MARGIN / 2) * Math.sin(turn);
  });
  ring(middle, middle.length > 1 ? 0.35 : 0);
  ring(around, 1);
}

/**
 * Springs along edges, repulsion between all: the method of Fruchterman and Reingold (1991), with a fixed number of
 * steps and no randomness but a hash.
 */
function force(nodes, edges, width, height) {
  const ideal = Math.min(190, 0.75 * Math.sqrt((width * height) / Math.max(nodes.length, 1)));
  nodes.forEach((node, i) => {
    if (node.x !== undefined) return;
    const turn = 2 * Math.PI * (hash(node.key) + i / nodes.length);
    const far = ideal * (0.6 + hash(`${node.key}#`));
    node.x = (node.from?.x ?? width / 2) + far * Math.cos(turn);
    node.y = (node.from?.y ?? height / 2) + far * Math.sin(turn);
  });
  const steps = nodes.length > 120 ? 90 : STEPS, apart = Math.min(APART, ideal);
  for (let step = 0; step < steps; step += 1) {
    const heat = (width / 12) * (1 - step / steps);
    const push = nodes.map(() => [0, 0]);
    for (let i = 0; i < nodes.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const dx = nodes[i].x - nodes[j].x || 0.01 * (i - j);
        const dy = nodes[i].y - nodes[j].y || 0.01;
        const square = dx * dx + dy * dy;
        const close = square < apart * apart ? 3 : 1; // names lie below their subjects: nothing stands on them
        const push_ = (close * ideal * ideal) / square;
        push[i][0] += dx * push_; push[i][1] += dy * push_;
        push[j][0] -= dx * push_; push[j][1] -= dy * push_;
      }
    }
    for (const [i, j] of edges) {
      const dx = nodes[i].x - nodes[j].x;
      const dy = nodes[i].y - nodes[j].y;
      const pull = Math.hypot(dx, dy) / ideal;
      push[i][0] -= dx * pull; push[i][1] -= dy * pull;
      push[j][0] += dx * pull; push[j][1] += dy * pull;
    }
    nodes.forEach((node, i) => {
      if (node.pinned || node.fixed) return;
      const length = Math.hypot(...push[i]) || 1;
      const move = Math.min(length, heat);
      node.x = clamp(node.x + (push[i][0] / length) * move, MARGIN, width - MARGIN);
      node.y = clamp(node.y + (push[i][1] / length) * move, MARGIN / 2, height - MARGIN / 2);
    });
  }
}
