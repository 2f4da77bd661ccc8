#!/usr/bin/python
# Plays ansible.windows.win_file on a lab: a folder that is wanted.
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={"path": {"required": True}, "state": {"choices": ["directory"]}}, supports_check_mode=True
    )
    path = os.environ["CERTREBIND_LAB"] + module.params["path"].replace("C:", "").replace("certrebind.exe", "certrebind.cjs").replace("\\", "/")
    changed = not os.path.isdir(path)
    if changed and not module.check_mode:
        os.makedirs(path)
    module.exit_json(changed=changed)


main()
