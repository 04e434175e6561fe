// Waiting for what will come, without guessing when: the limit is for what never comes, also on a busy machine.

/** Resolve once *holds* does. */
export async function until(holds: () => boolean): Promise<void> {
  const late = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > late) throw new Error(`It never came to that: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
