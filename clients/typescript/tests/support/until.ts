// Waiting for what will come, without guessing when.

/** Resolve once *holds* does. */
export async function until(holds: () => boolean): Promise<void> {
  const late = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > late) throw new Error(`It never came to that: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
