-- What a user does in Neovim, one thing after the other; the results are written as JSON.
local results = {}
local told = {}
for _, method in ipairs({ "planmark/metrics", "planmark/stateChanged", "planmark/serverStatus" }) do
  told[method] = {}
  vim.lsp.handlers[method] = function(_, params)
    table.insert(told[method], params)
  end
end

local function until_true(what, condition)
  if not vim.wait(20000, condition, 50) then
    error("waited for " .. what)
  end
end

local function request(method, params)
  local answers = assert(vim.lsp.buf_request_sync(0, method, params, 20000), method)
  for _, answer in pairs(answers) do
    assert(not answer.err and not answer.error, vim.inspect(answer))
    return answer.result
  end
end

local function position_of(text)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  for number, line in ipairs(lines) do
    local column = line:find(text, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { number, column - 1 })
      return vim.lsp.util.make_position_params()
    end
  end
  error("no " .. text)
end

local ok, problem = pcall(function()
  vim.cmd("edit " .. vim.env.PLANMARK_PLAN)
  vim.cmd("set filetype=markdown")
  until_true("the client", function()
    return #vim.lsp.get_active_clients() == 1
  end)
  -- The first lenses that the editor gets are those of the end: none comes from half of the files.
  results.first_lens = request("codeLens/resolve",
    request("textDocument/codeLens", { textDocument = vim.lsp.util.make_text_document_params() })[1]).command.title
  until_true("rest", function()
    local last = told["planmark/serverStatus"][#told["planmark/serverStatus"]]
    return last and last.quiescent
  end)
  until_true("diagnostics", function()
    return #vim.diagnostic.get(0) > 0
  end)
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    results.diagnostics = results.diagnostics or {}
    table.insert(results.diagnostics, { code = diagnostic.code, line = diagnostic.lnum, source = diagnostic.source })
  end

  results.hover = request("textDocument/hover", position_of("Achievement 1.1**")).contents.value

  results.lenses = {}
  for _, lens in ipairs(request("textDocument/codeLens", { textDocument = vim.lsp.util.make_text_document_params() })) do
    table.insert(results.lenses, request("codeLens/resolve", lens).command.title)
  end

  results.symbols = {}
  local document = { textDocument = vim.lsp.util.make_text_document_params() }
  for _, symbol in ipairs(request("textDocument/documentSymbol", document)) do
    table.insert(results.symbols, symbol.name)
  end

  -- The fix of a finding, applied as the editor applies it.
  local params = position_of("**Status**")
  params.range = { start = params.position, ["end"] = params.position }
  params.position = nil
  params.context = { diagnostics = {} }
  for _, action in ipairs(request("textDocument/codeAction", params)) do
    if action.kind == "quickfix" then
      local edit = action.edit or request("codeAction/resolve", action).edit
      vim.lsp.util.apply_workspace_edit(edit, "utf-16")
      results.fixed = action.title
    end
  end
  results.lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  until_true("the finding to go", function()
    return #vim.diagnostic.get(0) == 0
  end)

  -- A command that asks the editor to create a file.
  local status = request("workspace/executeCommand", { command = "planmark.status", arguments = { vim.empty_dict() } })
  results.plans = #status.workspaces[1].plans
  local create = { feature = "OPEN", achievement = "1.1" }
  local created = request("workspace/executeCommand", { command = "planmark.createSubplan", arguments = { create } })
  results.created = created.applied
  vim.cmd("wall")
  local prompt = request("workspace/executeCommand", { command = "planmark.nextPrompt", arguments = { create } })
  results.step = prompt.step

  -- Work that waits for its review: the lens counts what preflight finds, and its command gives the prompt.
  vim.cmd("edit " .. vim.env.PLANMARK_WAITING)
  vim.cmd("set filetype=markdown")
  until_true("the client of the plan that waits", function()
    return #vim.lsp.buf_get_clients(0) == 1
  end)
  local waiting = { textDocument = vim.lsp.util.make_text_document_params() }
  for _, unresolved in ipairs(request("textDocument/codeLens", waiting)) do
    local counting = request("codeLens/resolve", unresolved).command
    if counting.title:find("before review", 1, true) then
      results.counted = counting.title
      local asked = { command = counting.command, arguments = counting.arguments }
      local mending = request("workspace/executeCommand", asked)
      results.mends = mending.step
      results.counts = vim.tbl_map(function(finding) return finding.code end, mending.preflight)
    end
  end
  local about = { feature = "WAITING", achievement = "1.1" }
  local checked = request("workspace/executeCommand", { command = "planmark.preflight", arguments = { about } })
  results.checked = vim.tbl_map(function(diagnostic) return diagnostic.code end, checked.diagnostics)

  -- An empty PLAN offers its template.
  vim.fn.writefile({}, vim.env.PLANMARK_EMPTY)
  vim.cmd("edit " .. vim.env.PLANMARK_EMPTY)
  vim.cmd("set filetype=markdown")
  until_true("the client of the new document", function()
    return #vim.lsp.buf_get_clients(0) == 1
  end)
  local empty = { textDocument = vim.lsp.util.make_text_document_params() }
  local lens = request("codeLens/resolve", request("textDocument/codeLens", empty)[1])
  results.offered = lens.command.title
  request("workspace/executeCommand", { command = lens.command.command, arguments = lens.command.arguments })
  results.template = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
  vim.cmd("wall")

  -- Somebody else writes a verdict; this editor does not watch files.
  vim.fn.writefile({ "# APPROVED" }, vim.env.PLANMARK_VERDICT)
  until_true("the change of state", function()
    for _, params_of in ipairs(told["planmark/stateChanged"]) do
      for _, change in ipairs(params_of.changes) do
        if change.to == "approved" then
          results.changed = change
          return true
        end
      end
    end
  end)
  -- Somebody else deletes it, and a PLAN with a finding, while both are open without changes.
  local wrong = vim.env.PLANMARK_WRONG
  vim.fn.mkdir(vim.fn.fnamemodify(wrong, ":h"), "p")
  vim.fn.writefile({ "# PLAN: Wrong", "", "**Achievement 1.1**: A", "", "- **Dependencies**: 9.9" }, wrong)
  vim.cmd("edit " .. vim.env.PLANMARK_VERDICT)
  vim.cmd("edit " .. wrong)
  vim.cmd("set filetype=markdown")
  until_true("the finding of the wrong PLAN", function()
    return #vim.diagnostic.get(0) > 0
  end)
  os.remove(vim.env.PLANMARK_VERDICT)
  os.remove(wrong)
  until_true("the finding of the deleted PLAN to go", function()
    return #vim.diagnostic.get(0) == 0
  end)
  until_true("the deleted verdict to count no more", function()
    for _, params_of in ipairs(told["planmark/stateChanged"]) do
      for _, change in ipairs(params_of.changes) do
        if change.from == "approved" and change.achievement == "1.2" then
          results.deleted = change.to
          return true
        end
      end
    end
  end)
  results.still_open = vim.fn.bufloaded(vim.env.PLANMARK_VERDICT) == 1 and not vim.bo.modified

  until_true("figures", function()
    return #told["planmark/metrics"] > 0
  end)
  results.metrics = told["planmark/metrics"][1]

  -- A new server gets the buffer of the deleted verdict with its text.
  for _, client in ipairs(vim.lsp.get_active_clients()) do
    client.stop()
  end
  until_true("the end of the server", function()
    return #vim.lsp.get_active_clients() == 0
  end)
  vim.cmd("autocmd! FileType")
  vim.cmd("luafile " .. vim.env.PLANMARK_CONFIGURATION)
  for _, path in ipairs({ vim.env.PLANMARK_PLAN, vim.env.PLANMARK_VERDICT }) do
    vim.cmd("buffer " .. vim.fn.fnameescape(path))
    vim.cmd("set filetype=markdown")
    until_true("the new server for " .. path, function()
      return not vim.tbl_isempty(vim.lsp.buf_get_clients(0))
    end)
  end
  results.text_after_restart = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
  local again
  until_true("all to be read", function()
    again = request("workspace/executeCommand", { command = "planmark.status", arguments = { vim.empty_dict() } })
    return again.workspaces[1].complete
  end)
  for _, plan in ipairs(again.workspaces[1].plans) do
    for _, achievement in ipairs(plan.achievements) do
      if plan.feature == "OPEN" and achievement.id == "1.2" then
        results.after_restart = achievement.state
      end
    end
  end
end)

results.problem = not ok and tostring(problem) or nil
vim.fn.writefile({ vim.fn.json_encode(results) }, vim.env.PLANMARK_RESULTS)
for _, client in ipairs(vim.lsp.get_active_clients()) do
  client.stop()
end
vim.wait(5000, function()
  return #vim.lsp.get_active_clients() == 0
end, 50)
vim.cmd("qall!")
