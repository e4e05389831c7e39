/** A place on the drawing area; 1 is its longer side. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Stroke = readonly Point[];

/** Thickness of the pen as a share of the box: 2.5 pixels where the box is 20. */
const penShare = 1 / 8;
/** A drawing smaller than this is not made larger: a dot stays a dot. */
const smallestExtent = 0.1;

/**
 * Strokes as a picture of [height, width] with ink from 0 to 1, as the pictures of a dataset of handwriting were made: the
 * longer side of the ink fills a box, and its centre of mass comes to the middle of the picture (LeCun et al., 1998,
 * section III.A; there the box is 20 of 28). The pen has the same thickness however large somebody draws, and soft edges.
 */
export function fitDrawing(
  strokes: readonly Stroke[],
  { height, width, box }: { readonly height: number; readonly width: number; readonly box: number },
): Float32Array {
  const picture = new Float32Array(height * width);
  const points = strokes.flat();
  if (points.length === 0) return picture;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), smallestExtent);
  const pen = Math.max(1, box * penShare);
  const scale = Math.max(0, box - pen) / extent;
  const segments = strokes.flatMap(segmentsOf);
  const centre = centreOfMass(segments);
  const toPixels = ({ x, y }: Point): Point => ({
    x: (x - centre.x) * scale + width / 2,
    y: (y - centre.y) * scale + height / 2,
  });
  for (const [from, to] of segments) inkSegment(picture, width, toPixels(from), toPixels(to), pen / 2);
  return picture;
}

type Segment = readonly [Point, Point];

function segmentsOf(stroke: Stroke): Segment[] {
  const [first] = stroke;
  if (first === undefined) return [];
  return stroke.length === 1
    ? [[first, first]]
    : stroke.slice(1).map((point, index) => [stroke[index] ?? point, point]);
}

/** Of a thin line along the strokes. */
function centreOfMass(segments: readonly Segment[]): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [from, to] of segments) {
    // A dot has a little mass too.
    const length = Math.hypot(to.x - from.x, to.y - from.y) + 1e-6;
    mass += length;
    x += (length * (from.x + to.x)) / 2;
    y += (length * (from.y + to.y)) / 2;
  }
  return { x: x / mass, y: y / mass };
}

/** The share of each pixel that a round pen covers on its way, from the distance of the pixel's centre to it. */
function inkSegment(picture: Float32Array, width: number, from: Point, to: Point, radius: number): void {
  const height = picture.length / width;
  const reach = radius + 1;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  const rows = [Math.min(from.y, to.y) - reach, Math.max(from.y, to.y) + reach] as const;
  const columns = [Math.min(from.x, to.x) - reach, Math.max(from.x, to.x) + reach] as const;
  for (let row = Math.max(0, Math.floor(rows[0])); row < Math.min(height, Math.ceil(rows[1])); row += 1) {
    for (
      let column = Math.max(0, Math.floor(columns[0]));
      column < Math.min(width, Math.ceil(columns[1]));
      column += 1
    ) {
      const [x, y] = [column + 0.5 - from.x, row + 0.5 - from.y];
      const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / squared));
      const distance = Math.hypot(x - along * dx, y - along * dy);
      const covered = Math.min(1, Math.max(0, radius + 0.5 - distance));
      const index = row * width + column;
      if (covered > (picture[index] ?? 0)) picture[index] = covered;
    }
  }
}

/**
 * The longer side of the ink of these pictures, in pixels: what `fitDrawing` fills. The median, so that one odd picture
 * does not decide. Without pictures, 20 of 28 pixels.
 */
export function inkBoxOf(
  pictures: readonly ArrayLike<number>[],
  { height, width, background, ink }: { height: number; width: number; background: number; ink: number },
): number {
  const sides = pictures.flatMap((pixels) => {
    const [rows, columns]: [number[], number[]] = [[], []];
    for (let index = 0; index < height * width; index += 1) {
      if (((pixels[index] ?? background) - background) / (ink - background) < 0.1) continue;
      rows.push(Math.floor(index / width));
      columns.push(index % width);
    }
    return rows.length === 0 ? [] : [1 + Math.max(spread(rows), spread(columns))];
  });
  sides.sort((a, b) => a - b);
  return sides[Math.floor(sides.length / 2)] ?? Math.round((Math.min(height, width) * 20) / 28);
}

const spread = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), -Infinity) -
  values.reduce((least, value) => Math.min(least, value), Infinity);
