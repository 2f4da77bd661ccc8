#!/usr/bin/python
# Plays ansible.windows.win_command on a lab: the program is a bundle that Node runs; as there, nothing runs in check mode.
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec={"argv": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True)
    if module.check_mode:
        module.exit_json(changed=False, skipped=True)
    program, words = module.params["argv"][0], module.params["argv"][1:]
    path = os.environ["CERTREBIND_LAB"] + program.replace("C:", "").replace("certrebind.exe", "certrebind.cjs").replace("\\", "/")
    ended = subprocess.run([os.environ["CERTREBIND_NODE"], path, *words], capture_output=True, text=True, check=False)
    result = {"changed": True, "rc": ended.returncode, "stdout": ended.stdout, "stderr": ended.stderr}
    if ended.returncode == 0:
        module.exit_json(**result)
    module.fail_json(msg="non-zero return code", **result)


main()
