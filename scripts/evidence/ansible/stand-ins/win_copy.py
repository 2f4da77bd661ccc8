#!/usr/bin/python
# Plays ansible.windows.win_copy on a lab: source and target are files of one machine here.
import filecmp
import os
import shutil

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={"src": {"required": True}, "dest": {"required": True}}, supports_check_mode=True
    )
    path = os.environ["CERTREBIND_LAB"] + module.params["dest"].replace("C:", "").replace("certrebind.exe", "certrebind.cjs").replace("\\", "/")
    changed = not (os.path.exists(path) and filecmp.cmp(module.params["src"], path, shallow=False))
    if changed and not module.check_mode:
        shutil.copyfile(module.params["src"], path)
    module.exit_json(changed=changed)


main()
