// Where the subjects of a graph stand: springs along edges, repulsion between all, the same for the same input.
// The method is that of Fruchterman and Reingold (1991), with a fixed number of steps and no randomness but a hash.
const STEPS = 220;

function hash(text) {
  let h = 2166136261;
  for (const char of text) h = Math.imul(h ^ char.codePointAt(0), 16777619) >>> 0;
  return h / 4294967296;
}

// nodes: [{key, x?, y?, fixed?}], edges: [[i, j]]; sets x and y of each node within the width and height.
export function arrange(nodes, edges, width, height) {
  const ideal = Math.min(170, 0.75 * Math.sqrt((width * height) / Math.max(nodes.length, 1)));
  nodes.forEach((node, i) => {
    if (node.x !== undefined) return;
    const turn = 2 * Math.PI * (hash(node.key) + i / nodes.length);
    const far = ideal * (0.6 + hash(`${node.key}#`));
    node.x = (node.near?.x ?? width / 2) + far * Math.cos(turn);
    node.y = (node.near?.y ?? height / 2) + far * Math.sin(turn);
  });
  for (let step = 0; step < STEPS; step += 1) {
    const heat = (width / 12) * (1 - step / STEPS);
    const push = nodes.map(() => [0, 0]);
    for (let i = 0; i < nodes.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const dx = nodes[i].x - nodes[j].x || 0.01 * (i - j);
        const dy = nodes[i].y - nodes[j].y || 0.01;
        const square = dx * dx + dy * dy;
        const force = (ideal * ideal) / square;
        push[i][0] += dx * force; push[i][1] += dy * force;
        push[j][0] -= dx * force; push[j][1] -= dy * force;
      }
    }
    for (const [i, j] of edges) {
      const dx = nodes[i].x - nodes[j].x;
      const dy = nodes[i].y - nodes[j].y;
      const force = Math.hypot(dx, dy) / ideal;
      push[i][0] -= dx * force; push[i][1] -= dy * force;
      push[j][0] += dx * force; push[j][1] += dy * force;
    }
    nodes.forEach((node, i) => {
      if (node.fixed) return;
      const length = Math.hypot(...push[i]) || 1;
      const move = Math.min(length, heat);
      node.x += (push[i][0] / length) * move;
      node.y += (push[i][1] / length) * move;
      node.x = Math.max(60, Math.min(width - 60, node.x));
      node.y = Math.max(20, Math.min(height - 24, node.y));
    });
  }
}
