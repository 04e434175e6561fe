/** Gives a person a file that was made here. */

export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun once the click returned to the event loop; a second later it needs the address no more.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
