/** The topics that the account can use. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import type { Topic } from '../api/client'
import { toProblem } from '../api/problem'
import { onAccountChange } from '../session/session'
import type { Problem } from '../upload/faults'
import { ownRoutes, readAll } from './routes'

export const useTopics = defineStore('topics', () => {
  const topics = ref<Topic[]>([])
  const [loading, problem] = [ref(false), ref<Problem | null>(null)]

  /** Loads all pages. There are at most a few hundred topics. */
  async function load(): Promise<void> {
    loading.value = true
    try {
      topics.value = await readAll(ownRoutes)
      problem.value = null
    } catch (error) {
      problem.value = toProblem(error)
    } finally {
      loading.value = false
    }
  }

  onAccountChange(() => (topics.value = []))
  const own = computed(() => topics.value.filter((topic) => !topic.system))
  const system = computed(() => topics.value.filter((topic) => topic.system))
  return { topics, own, system, loading, problem, load }
})
