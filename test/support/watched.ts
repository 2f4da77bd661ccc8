/** The same thing, which tells whenever it is asked for the part. */
export function watched<Whole extends object>(whole: Whole, part: keyof Whole, onAsked: () => void): Whole {
  const value = whole[part];
  const get = () => {
    onAsked();
    return value;
  };
  return Object.defineProperty({ ...whole }, part, { get, enumerable: true });
}
