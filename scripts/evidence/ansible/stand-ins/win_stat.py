#!/usr/bin/python
# Plays ansible.windows.win_stat on a lab, as far as the role asks it.
import hashlib
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={"path": {"required": True}, "checksum_algorithm": {"choices": ["sha256"]}},
        supports_check_mode=True,
    )
    path = os.environ["CERTREBIND_LAB"] + module.params["path"].replace("C:", "").replace("certrebind.exe", "certrebind.cjs").replace("\\", "/")
    stat = {"exists": os.path.exists(path)}
    if stat["exists"]:
        with open(path, "rb") as file:
            stat["checksum"] = hashlib.sha256(file.read()).hexdigest()
    module.exit_json(changed=False, stat=stat)


main()
