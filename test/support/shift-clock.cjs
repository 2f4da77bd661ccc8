// Loaded before the program (node --require): its clock is ahead by so many milliseconds, or behind.
//   SHIFT_CLOCK_MS  how many

const shift = Number(process.env.SHIFT_CLOCK_MS);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shift);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shift;
  }
};
