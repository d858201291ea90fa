#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the message below.
'use strict';
var nodeModule = require('module');
var version = process.versions.node.split('.');
if (Number(version[0]) < 20 || (version[0] === '20' && Number(version[1]) < 19)) {
  process.stderr.write(
    '✖ Node.js ' +
      process.versions.node +
      ' is too old for rsds\n' +
      '  Next  install Node.js 20.19 or newer\n' +
      '  Code  usage/node-version\n',
  );
  process.exitCode = 2;
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(require('../package.json').version + '\n');
} else {
  // The AWS SDK prints eight lines about Node 20 at the first client; package.json already says what rsds needs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (nodeModule.enableCompileCache) nodeModule.enableCompileCache();
  import('../dist/main.js').then(
    (rsds) => rsds.main(),
    (error) => {
      process.stderr.write(
        '✖ rsds is not built: ' +
          (error && error.message) +
          '\n' +
          '  Next  in a checkout: npm run build; in an installation: reinstall rsds\n',
      );
      process.exitCode = 70;
    },
  );
}
