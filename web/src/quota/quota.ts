/** How much of its storage the account uses. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

import { api } from '../api/client'
import { onAccountChange } from '../session/session'

export const useQuota = defineStore('quota', () => {
  const used = ref<number | null>(null)
  const limit = ref(0)

  async function refresh(): Promise<void> {
    // Without an answer the last figures stay: the next refresh corrects them.
    const { data } = await api.GET('/api/auth/me/quota').catch(() => ({ data: undefined }))
    if (data) [used.value, limit.value] = [data.used_bytes, data.limit_bytes]
  }

  function setUsed(bytes: number): void {
    used.value = bytes
  }

  onAccountChange(() => (used.value = null))
  return { used, limit, refresh, setUsed }
})
