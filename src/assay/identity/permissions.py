"""Who may do what: one row for each operation. What has no row is refused."""

from assay.identity.model import Role

O, M, R, A, V, N = Role.OWNER, Role.MANAGER, Role.REVIEWER, Role.AUDITOR, Role.VIEWER, Role.ANNOTATOR  # noqa: E741

ANYONE_SIGNED_IN = frozenset(Role)
MANAGERS = frozenset({O, M})
DESK = frozenset({O, M, R, A, V})
REVIEWERS = frozenset({O, M, R})
AUDITORS = frozenset({O, A})
ANNOTATORS = frozenset({N})
UNBLINDED = frozenset({O, M, V})  # may see sources and settled answers; who judges blind may not

OPEN = frozenset({"sign_in_here"})  # no sign-in needed

OPERATIONS: dict[str, frozenset[Role]] = {
    # identity
    "who_am_i": ANYONE_SIGNED_IN,
    "sign_out": ANYONE_SIGNED_IN,
    "set_my_password": ANYONE_SIGNED_IN,
    "list_members": MANAGERS,
    "invite_member": MANAGERS,
    "end_member": frozenset({O}),
    "list_my_tokens": ANYONE_SIGNED_IN,
    "issue_my_token": ANYONE_SIGNED_IN,
    "revoke_my_token": ANYONE_SIGNED_IN,
    "list_events": MANAGERS,
    # projects
    "create_project": MANAGERS,
    "list_projects": DESK,
    "get_project": DESK,
    "get_project_file": DESK,
    "publish_version": MANAGERS,
    "open_project": MANAGERS,
    "close_project": MANAGERS,
    "get_version": DESK | ANNOTATORS,
    "list_versions": DESK,
    "get_guideline": DESK | ANNOTATORS,
    # workforce
    "invite_annotator": MANAGERS,
    "list_annotators": DESK,
    "my_annotator": ANNOTATORS,
    "grant_qualification": MANAGERS,
    "pause_or_resume_me": ANNOTATORS,
    # tasks
    "list_items": UNBLINDED,
    "get_item": UNBLINDED,
    "list_tasks": DESK,
    "get_task": UNBLINDED,
    "cancel_task": MANAGERS,
    "add_batch": MANAGERS,
    "list_batches": DESK,
    "move_batch": MANAGERS,
    "prioritise_batch": MANAGERS,
    "list_faults": DESK,
    # imports
    "import_file": MANAGERS,
    "list_imports": DESK,
    "get_import": DESK,
    "list_import_problems": UNBLINDED,
    # scoring
    "get_quality": DESK,
    "list_annotator_quality": DESK,
    "list_task_quality": frozenset({O, M}),
    "refit_project": MANAGERS,
    "get_run": DESK,
    # assignment
    "list_work": ANNOTATORS,
    "claim_next": ANNOTATORS,
    "list_my_assignments": ANNOTATORS,
    "start_assignment": ANNOTATORS,
    "extend_lease": ANNOTATORS,
    "return_assignment": ANNOTATORS,
    "resume_assignment": ANNOTATORS,
    "save_draft": ANNOTATORS,
    "submit_response": ANNOTATORS,
    "recall_response": ANNOTATORS,
    # review
    "get_review_queues": DESK,
    "claim_review": REVIEWERS,
    "extend_review": REVIEWERS,
    "release_review": REVIEWERS,
    "finalise_review": REVIEWERS,
    "claim_adjudication": REVIEWERS,
    "extend_adjudication": REVIEWERS,
    "release_adjudication": REVIEWERS,
    "settle_adjudication": REVIEWERS,
    "park_adjudication": REVIEWERS,
    "settle_project": MANAGERS,
    "get_progress": DESK,
    # delivery
    "seal_lot": MANAGERS,
    "list_lots": DESK,
    "get_lot": DESK,
    "draw_sample": MANAGERS,
    "close_lot": MANAGERS,
    "claim_check": AUDITORS,
    "answer_check": AUDITORS,
    "judge_check": AUDITORS,
    "get_certificate": DESK,
    "prepare_release": MANAGERS,
    "list_releases": DESK,
    "get_release": DESK,
    "download_release": MANAGERS,
    "accept_release": MANAGERS,
}


def is_permitted(operation: str, roles: frozenset[str]) -> bool:
    return not roles.isdisjoint(OPERATIONS.get(operation, frozenset()))
