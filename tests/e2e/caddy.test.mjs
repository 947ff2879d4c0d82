// The Caddy example, in a real Caddy.
import { forwardAuthHolds } from './harness/forward_auth_suite.mjs';
import { guessingIsCounted } from './harness/guessing_suite.mjs';

forwardAuthHolds('caddy', 'same-host');
forwardAuthHolds('caddy', 'sibling-hosts');
guessingIsCounted('caddy');
