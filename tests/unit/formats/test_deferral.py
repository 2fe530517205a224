"""Words that defer a task: remarks, in several languages; and the same words as the subject of a task."""

from __future__ import annotations

import pytest

from planmark.formats.checkbox.deferral import heading_defers_tasks, says_deferred, ticked_text_says_not_done


@pytest.mark.parametrize(
    "text",
    [
        "Add a load test (deferred)",
        "Add a load test [deferred]",
        "Add a load test (optional, deferred)",
        "Add a load test (deferred, no host yet)",
        "Add a load test — out of scope",
        "Add a load test: skipped because the host is gone",
        "Add a load test - SKIP",
        "Add a load test (N/A)",
        "N/A — no such host",
        "Deferred: a load test",
        "**Postponed** — a load test",
        "[SKIP] Add a load test",
        "Add a load test; the alert is DEFERRED",
        "SKIPPED per the decision of May",
        "Add a load test **CANCELLED**",
        "Добавить тест. ОТЛОЖЕНО",
        "Añadir la prueba (omitida)",
        "Adicionar o teste (adiado)",
        "Test anlegen (übersprungen)",
        "Ajouter le test — reporté",
        "Aggiungere il test (rimandato)",
        "Добавить тест (пропущено)",
        "إضافة اختبار (مؤجل)",
        "添加压力测试（跳过）",
        "添加压力测试(暂不实现)",
        "添加压力测试（阶段三 - 延后）",
        "（已取消，由 3.1 代替）添加压力测试",
        "添加压力测试 不执行",
        "負荷テスト（後回し）",
        "부하 테스트 — 취소됨",
    ],
)
def test_remarks_defer_a_task(text: str) -> None:
    assert says_deferred(text)
    assert ticked_text_says_not_done(text)


@pytest.mark.parametrize(
    "text",
    [
        "Handle CANCELLED orders",
        "Set SKIPPED when there is no input",
        "Show the status: cancelled, pending or done",
        "Map each state - cancelled → grey",
        "Test: cancelled jobs do not run again",
        "Emit an event (deferred queue)",
        "Deferred rendering of images",
        "Make the key DEFERRABLE INITIALLY DEFERRED",
        "N/A rows become a dash",
        "Filtro por estado (cancelado, pendiente)",
        "添加取消状态（待处理/已取消/已完成）",
        "任务状态（已延期）展示",
        "支持跳过（可配置）",
        "실패 시 보류 상태로 변경",
    ],
)
def test_the_same_words_as_a_subject_do_not(text: str) -> None:
    assert not says_deferred(text)
    assert not ticked_text_says_not_done(text)


@pytest.mark.parametrize("text", ["A — **deferred** to July", "~~A~~", "A — **skipped**. No host"])
def test_another_mark_with_a_remark_is_deferred(text: str) -> None:
    assert says_deferred(text, has_mark=True)


@pytest.mark.parametrize("text", ["PARTIAL — deferred: the alert", "The alert is DEFERRED", "DONE: a. DEFERRED: b"])
def test_another_mark_that_says_what_is_done_is_not(text: str) -> None:
    assert not says_deferred(text, has_mark=True)


@pytest.mark.parametrize("heading", ["Deferred", "Deferred work", "Load — SUPERSEDED by 3", "Отложено", "后续（延期）"])
def test_headings_that_defer_all(heading: str) -> None:
    assert heading_defers_tasks(heading)


@pytest.mark.parametrize("heading", ["Deferred rendering", "Handle CANCELLED orders", "取消订单"])
def test_headings_that_do_not(heading: str) -> None:
    assert not heading_defers_tasks(heading)
