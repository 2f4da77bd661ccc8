// pkg.cjs <settings>: what pkg does with one file of JavaScript, with all settings of such an executable. Its command line
// hands none of them on, so it is called by the module behind that; a process of its own, because it needs Node 22.

const { readFileSync } = require('node:fs');
const { default: pack } = require('@yao-pkg/pkg/lib-es5/sea.js');

const { main, ...settings } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
pack(main, settings);
