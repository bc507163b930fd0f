/** An address and a port as people write them: `10.0.0.1:80`, `[fd00::1]:80`. */
export function endpoint(address = '', port: number | string = ''): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
