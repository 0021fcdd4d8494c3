import type { RecordedResource } from "../record/recording";
import { escapeMarkup } from "../text/markup";

interface Place {
  name: string;
  zone: string;
  address: string;
}

const box = { width: 168, height: 52, gap: 14 };
const zone = { padding: 18, title: 30, gap: 24, top: 128 };
const client = { width: 260, height: 72 };

/**
 * The members in their zones, below their clients, as SVG; colours follow the reader's light or dark mode.
 * @param resources of a stack with our components
 */
export function picture(resources: readonly RecordedResource[]): string {
  const places = resources
    .filter(({ type, inputs }) => type === "etcd:index:EtcdMember" && inputs.retired !== true)
    .map(({ inputs }) => inputs as unknown as Place);
  const zones = [...new Set(places.map((place) => place.zone))].sort();
  const inZone = (name: string) => places.filter((place) => place.zone === name);
  const rows = Math.max(0, ...zones.map((name) => inZone(name).length));
  const zoneWidth = box.width + 2 * zone.padding;
  const zoneHeight = zone.title + rows * (box.height + box.gap) + zone.padding - box.gap;
  const zonesWidth = zones.length * (zoneWidth + zone.gap) - zone.gap;
  const width = Math.max(zonesWidth, client.width) + 2;
  const height = zone.top + zoneHeight + 2;
  const balancer = resources.some(({ type }) => type === "etcd:index:EtcdLoadBalancer");

  const middle = width / 2;
  const parts = [clientBox(middle, balancer)];
  zones.forEach((name, column) => {
    const x = (width - zonesWidth) / 2 + column * (zoneWidth + zone.gap);
    parts.push(
      `<line class="way" x1="${middle}" y1="84" x2="${x + zoneWidth / 2}" y2="${zone.top}"/>`,
      `<rect class="zone" x="${x}" y="${zone.top}" width="${zoneWidth}" height="${zoneHeight}" rx="8"/>`,
      label(x + zoneWidth / 2, zone.top + 20, "quiet", name),
      ...inZone(name).map((place, row) =>
        memberBox(place, x + zone.padding, zone.top + zone.title + row * (box.height + box.gap)),
      ),
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    `<title>${places.length} etcd members over ${zones.length} availability zones</title>`,
    `<style>${style}</style>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

const style = [
  "text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#1d2733}",
  ".quiet{fill:#5b6b7c;font-size:12px}",
  ".zone{fill:none;stroke:#9aa8b6;stroke-dasharray:5 4}",
  ".member{fill:#e6f0fb;stroke:#2f6fb3}",
  ".client{fill:#eef1f4;stroke:#7c8a98}",
  ".way{stroke:#9aa8b6}",
  "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9aa8b6}",
  ".member{fill:#16324f}.client{fill:#222b35}}",
].join("");

function clientBox(middle: number, balancer: boolean): string {
  const reach = balancer ? "2379, also through the load balancer" : "2379, each member by its address";
  return [
    `<rect class="client" x="${middle - client.width / 2}" y="12" width="${client.width}" height="${client.height}" rx="8"/>`,
    label(middle, 42, "", "API servers"),
    label(middle, 64, "quiet", reach),
  ].join("\n");
}

function memberBox({ name, address }: Place, x: number, y: number): string {
  return [
    `<rect class="member" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6"/>`,
    label(x + box.width / 2, y + 22, "", name),
    label(x + box.width / 2, y + 40, "quiet", address),
  ].join("\n");
}

function label(x: number, y: number, kind: string, text: string): string {
  return `<text${kind ? ` class="${kind}"` : ""} x="${x}" y="${y}">${escapeMarkup(text)}</text>`;
}
