import PDFDocument from 'pdfkit';
import type { FontName } from './font-files.ts';
import type { Row } from './rows.ts';
import { type Sheet, STYLES, type Style } from './styles.ts';
import type { Typefaces } from './typefaces.ts';
import type { TextLine, Typesetter } from './typesetter.ts';

/** The one place that knows pdfkit: measures texts, prints rows, gives bytes. */
export interface Printer {
  measureRun(run: { readonly text: string; readonly font: FontName }, style: Style): number;
  /** Prints all pages, `footer` and "Page 2 of 7" at the foot of each, and ends the document. */
  finish(input: {
    readonly pages: readonly (readonly Row[])[];
    readonly footer: string;
    readonly typesetter: Typesetter;
  }): Promise<Uint8Array>;
}

interface PrinterInput {
  readonly typefaces: Typefaces;
  readonly sheet: Sheet;
  readonly title: string;
  readonly author: string;
  /** Distinguishes this document: pdfkit hashes it, with the other facts and the time, into the file's id. */
  readonly subject: string;
  /** Epoch ms, printed as the time of making and of the last change. */
  readonly createdMs: number;
}

export function createPrinter(input: PrinterInput): Printer {
  const { sheet } = input;
  const created = new Date(input.createdMs);
  const doc = new PDFDocument({
    autoFirstPage: false,
    size: [sheet.widthPt, sheet.heightPt],
    margin: 0,
    // An empty name keeps pdfkit from opening Helvetica, whose file a bundle does not carry.
    font: '',
    lang: 'en',
    displayTitle: true,
    info: {
      Title: input.title,
      Author: input.author,
      Subject: input.subject,
      Creator: 'countinghouse',
      CreationDate: created,
      ModDate: created,
    },
  });
  for (const [name, bytes] of input.typefaces.files) doc.registerFont(name, bytes);

  const printLine = (line: TextLine, xPt: number, baselinePt: number) => {
    let runXPt = xPt;
    doc.fillColor(line.style.color);
    for (const { text, font, widthPt } of line.runs) {
      const options = { lineBreak: false, baseline: 'alphabetic' } as const;
      doc.font(font).fontSize(line.style.sizePt).text(text, runXPt, baselinePt, options);
      runXPt += widthPt;
    }
  };
  return {
    measureRun: ({ text, font }, style) => doc.font(font).fontSize(style.sizePt).widthOfString(text),
    finish: async ({ pages, footer, typesetter }) => {
      const bytes = collect(doc);
      pages.forEach((rows, index) => {
        doc.addPage();
        printRows({ doc, rows, topPt: sheet.topPt, printLine });
        const number = `Page ${index + 1} of ${pages.length}`;
        const width = sheet.rightPt - sheet.leftPt;
        const numberWidth = typesetter.widthOf(number, STYLES.footer);
        const [left] = typesetter.lines(footer, STYLES.footer, width - numberWidth - 24);
        const [right] = typesetter.lines(number, STYLES.footer, width);
        if (left !== undefined) printLine(left, sheet.leftPt, sheet.footerBaselinePt);
        if (right !== undefined) printLine(right, sheet.rightPt - right.widthPt, sheet.footerBaselinePt);
      });
      doc.end();
      return await bytes;
    },
  };
}

function printRows(input: {
  readonly doc: PDFKit.PDFDocument;
  readonly rows: readonly Row[];
  readonly topPt: number;
  readonly printLine: (line: TextLine, xPt: number, baselinePt: number) => void;
}): void {
  let topPt = input.topPt;
  for (const { heightPt, texts, rules } of input.rows) {
    for (const { fromPt, toPt, yPt, thicknessPt, color } of rules) {
      input.doc
        .moveTo(fromPt, topPt + yPt)
        .lineTo(toPt, topPt + yPt)
        .lineWidth(thicknessPt)
        .strokeColor(color)
        .stroke();
    }
    for (const { line, xPt, baselinePt } of texts) input.printLine(line, xPt, topPt + baselinePt);
    topPt += heightPt;
  }
}

function collect(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.once('error', reject);
    doc.once('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}
