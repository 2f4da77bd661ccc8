#!/usr/bin/python
# Plays ansible.windows.win_file on a lab: a folder that is wanted, or a file that is not.
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={"path": {"required": True}, "state": {"choices": ["absent", "directory"]}}, supports_check_mode=True
    )
    path = os.environ["CERTREBIND_LAB"] + module.params["path"].replace("C:", "").replace("certrebind.exe", "certrebind.cjs").replace("\\", "/")
    is_wanted = module.params["state"] == "directory"
    changed = os.path.exists(path) != is_wanted
    if changed and not module.check_mode:
        os.makedirs(path) if is_wanted else os.remove(path)
    module.exit_json(changed=changed)


main()
