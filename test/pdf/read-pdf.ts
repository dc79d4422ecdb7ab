import { extractText, getDocumentProxy } from 'unpdf';

interface PdfPage {
  /** Width and height in points. */
  readonly size: readonly [number, number];
  /** In the order of printing, one space for each stretch of white space. */
  readonly text: string;
  readonly items: readonly PdfItem[];
}

interface PdfItem {
  readonly text: string;
  readonly leftPt: number;
  readonly rightPt: number;
  readonly baselinePt: number;
}

/** What a reader of another maker sees in the document. */
export async function readPdf(bytes: Uint8Array): Promise<readonly PdfPage[]> {
  // The reader takes the bytes away from whoever gives them.
  const pdf = await getDocumentProxy(bytes.slice());
  const { text } = await extractText(pdf, { mergePages: false });
  const pages: PdfPage[] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
    const { items } = await page.getTextContent();
    pages.push({
      size: [right - left, top - bottom],
      text: (text[number - 1] ?? '').replace(/\s+/g, ' '),
      items: items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [toItem(item)] : [])),
    });
  }
  return pages;
}

function toItem(item: {
  readonly str: string;
  readonly transform: readonly number[];
  readonly width: number;
}) {
  const leftPt = item.transform[4] ?? Number.NaN;
  return {
    text: item.str,
    leftPt,
    rightPt: leftPt + item.width,
    baselinePt: item.transform[5] ?? Number.NaN,
  };
}

/** The fonts that the document uses, without the tags of their subsets. */
export function fontNames(bytes: Uint8Array): ReadonlySet<string> {
  const names = Buffer.from(bytes)
    .toString('latin1')
    .matchAll(/\/BaseFont \/(?:[A-Z]{6}\+)?(\S+)/g);
  return new Set(Array.from(names, ([, name]) => name ?? ''));
}
