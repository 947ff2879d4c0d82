// Certificates that are thrown away with the test.
import path from 'node:path';
import { run } from './processes.mjs';

/** A self-signed certificate for these names. */
export async function certificate(rig, names) {
  const directory = await rig.directory();
  const cert = path.join(directory, 'cert.pem');
  const key = path.join(directory, 'key.pem');
  const { code, output } = await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key, '-out', cert,
    '-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${names.map(name => `DNS:${name}`).join(',')}`,
  ]);
  if (code !== 0) throw new Error(`openssl: ${output}`);
  return { cert, key };
}
