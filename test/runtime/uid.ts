/** As Kubernetes makes them, but the same for the same name. */
export function uidOf(name: string): string {
  const digits = Buffer.from(name.slice(-6)).toString('hex').padStart(12, '0');
  return `4f0cf00d-0000-4000-8000-${digits}`;
}
