;;; What a user does in Emacs, one thing after the other; the results are written as JSON.  -*- lexical-binding: t -*-
(load (getenv "PLANMARK_CONFIGURATION"))
(require 'json)
(defvar results nil)
(defvar published nil)

(defun keep (name value) (push (cons name value) results))

(defun until-true (what condition)
  (let ((end (+ (float-time) 20)))
    (while (not (funcall condition))
      (when (> (float-time) end) (error "waited for %s" what))
      (accept-process-output nil 0.05))))

(cl-defmethod eglot-handle-notification :before
  (_server (_method (eql textDocument/publishDiagnostics)) &key uri diagnostics &allow-other-keys)
  (push (cons uri diagnostics) published))

(condition-case problem
    (progn
      (setq eglot-sync-connect 10)
      (find-file (getenv "PLANMARK_PLAN"))
      (markdown-mode)
      (apply #'eglot (eglot--guess-contact))
      (until-true "the server" #'eglot-current-server)
      (let ((told nil))
        (until-true "findings of the verdict"
                    (lambda () (setq told (cl-find-if (lambda (told) (and (string-suffix-p "APPROVED_11.md" (car told))
                                                                          (> (length (cdr told)) 0)))
                                                      published))))
        (keep 'code (plist-get (aref (cdr told) 0) :code)))
      (goto-char (point-min))
      (search-forward "Achievement 1")
      (let* ((server (eglot-current-server))
             (hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
        (keep 'hover (plist-get (plist-get hover :contents) :value))
        (planmark-next)
        (keep 'prompt (current-kill 0))
        ;; Work that waits for its review: an action counts what preflight finds, and gives the prompt.
        (find-file (getenv "PLANMARK_WAITING"))
        (markdown-mode)
        (eglot--maybe-activate-editing-mode)
        (until-true "the plan that waits" #'eglot-managed-p)
        (let* ((heading '(:line 4 :character 0))
               (actions (jsonrpc-request server :textDocument/codeAction
                                         `(:textDocument ,(eglot--TextDocumentIdentifier)
                                           :range (:start ,heading :end ,heading)
                                           :context (:diagnostics []))))
               (counting (cl-find-if (lambda (action) (string-match-p "before review" (plist-get action :title))) actions))
               (command (plist-get counting :command))
               (mending (jsonrpc-request server :workspace/executeCommand
                                         `(:command ,(plist-get command :command)
                                           :arguments ,(plist-get command :arguments))))
               (checked (jsonrpc-request server :workspace/executeCommand
                                         '(:command "planmark.preflight"
                                           :arguments [(:feature "WAITING" :achievement "1.1")]))))
          (keep 'counted (plist-get counting :title))
          (keep 'mends (plist-get mending :step))
          (keep 'checked (mapcar (lambda (one) (plist-get one :code)) (plist-get checked :diagnostics))))
        ;; An empty PLAN offers its template.
        (setq eglot-confirm-server-initiated-edits nil)
        (write-region "" nil (getenv "PLANMARK_EMPTY"))
        (find-file (getenv "PLANMARK_EMPTY"))
        (markdown-mode)
        (eglot--maybe-activate-editing-mode)
        (until-true "the new document" #'eglot-managed-p)
        (let* ((nothing '(:line 0 :character 0))
               (actions (jsonrpc-request server :textDocument/codeAction
                                         `(:textDocument ,(eglot--TextDocumentIdentifier)
                                           :range (:start ,nothing :end ,nothing)
                                           :context (:diagnostics []))))
               (command (plist-get (aref actions 0) :command)))
          (keep 'offered (plist-get (aref actions 0) :title))
          (jsonrpc-request server :workspace/executeCommand
                           `(:command ,(plist-get command :command) :arguments ,(plist-get command :arguments)))
          (until-true "the template" (lambda () (> (buffer-size) 0)))
          (keep 'template (buffer-substring-no-properties 1 (save-excursion (goto-char 1) (line-end-position)))))
        ;; Somebody else deletes the verdict while it is open without changes.
        (find-file (getenv "PLANMARK_VERDICT"))
        (markdown-mode)
        (eglot--maybe-activate-editing-mode)
        (until-true "the verdict" #'eglot-managed-p)
        (delete-file (getenv "PLANMARK_VERDICT"))
        (find-file (getenv "PLANMARK_PLAN"))
        (goto-char (point-min))
        (search-forward "Achievement 1")
        (until-true "the deleted verdict to count no more"
                    (lambda ()
                      (let* ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams)))
                             (said (plist-get (plist-get hover :contents) :value)))
                        (unless (string-match-p "approved" said) (keep 'deleted said)))))
        (until-true "its findings to go"
                    (lambda ()
                      (let ((last (cl-find-if (lambda (told) (string-suffix-p "APPROVED_11.md" (car told))) published)))
                        (or (null last) (= (length (cdr last)) 0)))))
        ;; A new server gets the buffer of the deleted verdict with its text.
        (eglot-reconnect server)
        (until-true "the new server" (lambda () (let ((now (eglot-current-server))) (and now (not (eq now server))))))
        (let ((now (eglot-current-server)))
          (with-current-buffer (find-buffer-visiting (getenv "PLANMARK_VERDICT"))
            (keep 'open_after_restart (if (eglot-managed-p) (buffer-substring-no-properties 1 11) "")))
          (until-true "the state after all is read"
                      (lambda ()
                        (let* ((hover (jsonrpc-request now :textDocument/hover (eglot--TextDocumentPositionParams)))
                               (said (plist-get (plist-get hover :contents) :value)))
                          (unless (string-prefix-p "Reading" said) (keep 'after_restart said)))))
          (eglot-shutdown now))))
  (error (keep 'problem (format "%S" problem))))
(with-temp-file (getenv "PLANMARK_RESULTS") (insert (json-encode results)))
