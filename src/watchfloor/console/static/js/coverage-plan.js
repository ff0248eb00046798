// A plan of towers that a person opens: its GeoJSON is read here and drawn, and is sent nowhere.
const MOST = 5_000; // sites
const REACH = 15_000; // metres, where a plan has none: to be corrected in the text

const number = (value) => typeof value === "number" && Number.isFinite(value);

// Sites of a plan, and its cover, bound and gap; null for what is no plan of towers in degrees.
export function read(text) {
  let whole = null;
  try {
    whole = JSON.parse(text);
  } catch {
    return null;
  }
  const { features, plan } = whole ?? {};
  if (!Array.isArray(features) || !features.length || features.length > MOST) return null;
  const sites = features.map(({ geometry, properties } = {}) => {
    const [longitude, latitude] = geometry?.type === "Point" ? geometry.coordinates : [];
    return { name: String(properties?.site ?? "?"), longitude, latitude, adds: properties?.adds, mast: properties?.mast };
  });
  const placed = sites.every(({ longitude, latitude }) => number(longitude) && number(latitude) && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90);
  if (!placed || !number(plan?.gap)) return null;
  return { sites, covered: plan.covered, bound: plan.bound, gap: plan.gap };
}

// The sites as assets that can be added to a plan of the line, attended to at every hour.
export function settings({ sites }) {
  return sites
    .map(({ name, longitude, latitude, mast }) => {
      const key = `tower-${name.replace(/[^A-Za-z0-9_-]/g, "-")}`;
      const lines = [`[assets.${key}]`, 'kind = "camera"', 'unit = "rcmp-operations"', `latitude = ${latitude.toFixed(5)}`, `longitude = ${longitude.toFixed(5)}`];
      lines.push(`reach_m = ${REACH}`, "half_width_m = 80", "detects = 0.9", "alarms = 0.02", "error_m = 12");
      if (number(mast)) lines.push(`mast_m = ${mast}`);
      return [...lines, "", "[[watch]]", `asset = "${key}"`].join("\n");
    })
    .join("\n\n");
}
